"""What plays and what is to play: the part of the state that follows the player."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodbox.core.mood import Mood
from moodbox.core.music.ownership import is_own
from moodbox.core.music.plans import owned_ahead
from moodbox.core.music.playback import PlayState
from moodbox.core.policy.commands import PlayMood, Target, TopUp
from moodbox.core.policy.settings import LOW_WATER, MOST_RETRY_S, POSTPONED_S, RETRY_S

if TYPE_CHECKING:
    from moodbox.core.music.ownership import Ownership
    from moodbox.core.music.playback import Snapshot
    from moodbox.core.policy.commands import PlayerCommand
    from moodbox.core.policy.seeing import Verdict


@dataclass(frozen=True, slots=True)
class Playing:
    """What plays and what is to play."""

    mood: Mood | None = None
    """The mood in force: its music was put on last."""
    target: Target | None = None
    """The mood that is to be put in force; None when there is nothing to do."""
    tries: int = 0
    """Attempts since a person or a reading set the target, or since the music last went on."""
    retry_at_s: float = 0.0
    """The target is not tried again before this."""
    top_up_at_s: float = 0.0
    """The queue is not topped up again before this."""
    paused: bool = False
    """The box has paused its music because everybody has left."""
    playback: Snapshot | None = None
    """The player as last polled; None before the first poll."""
    polled_s: float = 0.0
    """When it was last polled."""
    song: str | None = None
    """URI of the song that played at the last poll; None when none did."""
    player_fault: str | None = None
    """Why the player cannot be reached; None while it can."""
    music_fault: str | None = None
    """Why the player plays no music, though it can be reached; None once music is heard again."""
    unheard: bool = False
    """The box has put on music, and no poll has yet shown that it plays: it may not be playable."""
    without_music: Mood | None = None
    """A target that has no songs; None when there is none."""
    pausing: bool = False
    """The box has told the player to pause, and has no answer yet."""
    refused: frozenset[type[PlayerCommand]] = frozenset()
    """Commands whose refusal was logged and that were not carried out since."""

    @property
    def plays(self) -> bool:
        """Whether music played at the last poll."""
        return self.playback is not None and self.playback.plays

    @property
    def is_player_watched(self) -> bool:
        """Whether to poll at intervals: the player is gone, or it is not known whether it plays."""
        silent = self.unheard or self.music_fault is not None
        return self.player_fault is not None or (silent and self.plays)


# ── What is to play ──────────────────────────────────────────────────────────────────────────────


def set_target(playing: Playing, mood: Mood, *, displace: bool) -> Playing:
    """Make a mood the target, to be tried at once."""
    target = Target(mood, displace)
    return replace(playing, target=target, tries=0, retry_at_s=0.0, without_music=None)


def follow(playing: Playing, verdict: Verdict) -> Playing:
    """Make the mood that was read the target.

    If it is not known, what plays stays; in silence the last mood, at first neutral, is the target.
    """
    if verdict.mood is None:
        if playing.plays or playing.target:
            return playing
        return set_target(playing, playing.mood or Mood.NEUTRAL, displace=verdict.asked)
    in_force = playing.plays and playing.mood is verdict.mood and playing.without_music is None
    if in_force and not verdict.asked:
        return replace(playing, target=None)
    return set_target(playing, verdict.mood, displace=verdict.asked)


def no_music(playing: Playing, mood: Mood) -> Playing:
    """The mood has no songs: drop it as the target, what plays stays."""
    target = playing.target if playing.target and playing.target.mood is not mood else None
    return replace(playing, target=target, without_music=mood)


def pursue(
    playing: Playing, now_s: float, *, manual: bool
) -> tuple[Playing, tuple[PlayerCommand, ...]]:
    """Ask for the target's music when it is due and the player can be reached.

    Under manual control only a target that a person asked for is kept.
    """
    target = playing.target
    if target is None:
        return playing, ()
    if manual and not target.displace:
        return replace(playing, target=None), ()
    if playing.player_fault or now_s < playing.retry_at_s:
        return playing, ()
    # The exponent is bounded, since a float overflows at 2 ** 1024.
    pause_s = min(RETRY_S * 2 ** min(playing.tries, 10), MOST_RETRY_S)
    playing = replace(playing, tries=playing.tries + 1, retry_at_s=now_s + pause_s)
    return playing, (PlayMood(target),)


def postponed(playing: Playing, now_s: float) -> Playing:
    """The attempt was postponed because the button or a stop comes first: it does not count."""
    return replace(playing, tries=max(playing.tries - 1, 0), retry_at_s=now_s + POSTPONED_S)


def due_s(playing: Playing) -> float | None:
    """When the target is tried next; None for not at all."""
    return playing.retry_at_s if playing.target and not playing.player_fault else None


# ── What the player does ─────────────────────────────────────────────────────────────────────────


def polled(playing: Playing, now: Snapshot, now_s: float) -> Playing:
    """Take in a poll; decides nothing."""
    back = playing.player_fault is not None
    current = now.current if now.plays else None
    return replace(
        playing,
        playback=now,
        polled_s=now_s,
        song=current.uri if current else None,
        player_fault=None,
        # Retry at once when the player is back, but not if each attempt makes it fail.
        retry_at_s=0.0 if back and playing.tries <= 1 else playing.retry_at_s,
        paused=playing.paused and now.state is PlayState.PAUSE,
        pausing=False,
    )


def gone(playing: Playing, reason: str) -> Playing:
    """The player cannot be reached. A pause that has no answer counts as carried out."""
    if playing.pausing:
        playing = replace(paused(playing, on=True), pausing=False)
    return replace(playing, player_fault=reason)


def paused(playing: Playing, *, on: bool) -> Playing:
    """The box paused or resumed its music; the next poll is compared with that."""
    playback = playing.playback
    if playback is not None:
        playback = replace(playback, state=PlayState.PAUSE if on else PlayState.PLAY)
    return replace(playing, paused=on, playback=playback)


def expected(playing: Playing, now: Snapshot) -> Snapshot | None:
    """The player as last polled, with the box's own pause: it is not a user action."""
    before = playing.playback
    if before is None or not playing.paused:
        return before
    # If the music is stopped now, a person stopped it: compared with playing music, that shows.
    still = now.state is PlayState.PAUSE
    return replace(before, state=PlayState.PAUSE if still else PlayState.PLAY)


def switched(playing: Playing, mood: Mood, now: Snapshot, *, manual: bool) -> Playing:
    """The mood's music was put in force.

    MPD may accept a plan and then be unable to play any of its songs (a disk was unplugged): then
    the mood stays the target.
    """
    failed = not manual and now.error is not None and not now.plays
    return replace(
        playing,
        mood=mood,
        target=Target(mood, displace=False) if failed else None,
        unheard=True,
        without_music=None,
        paused=False,
    )


def is_in_force(playing: Playing, before: Snapshot | None, ownership: Ownership) -> bool:
    """Whether a person has started the box's songs of the target mood, which the box could not."""
    target = playing.target
    tried = target is not None and not target.displace and target.mood is playing.mood
    began = before is not None and not before.plays
    return tried and began and plays_own(playing, ownership)


def plays_own(playing: Playing, ownership: Ownership) -> bool:
    """Whether one of the box's songs plays."""
    now = playing.playback
    return now is not None and now.plays and is_own(now, ownership)


def may_pause(playing: Playing, ownership: Ownership, *, on: bool, manual: bool) -> bool:
    """Whether the box may pause its music, or (`on` False) resume what it paused itself."""
    if on:
        return not manual and playing.target is None and plays_own(playing, ownership)
    now = playing.playback
    return playing.paused and now is not None and is_own(now, ownership)


def keep_playing(
    playing: Playing, before: Snapshot | None, ownership: Ownership, now_s: float
) -> tuple[Playing, tuple[PlayerCommand, ...]]:
    """Keep the mood in force: make it the target again after silence, or top the queue up."""
    now, mood = playing.playback, playing.mood
    played = before is not None and before.plays
    if now is None or mood is None:
        return playing, ()
    if not now.plays:
        if not played:
            return playing, ()
        # It was not a person: the server restarted, the queue ran out, or an output failed.
        return replace(playing, target=Target(mood, displace=False), without_music=None), ()
    if played and before and before.current_id != now.current_id and now.error is None:
        playing = replace(playing, tries=0)
    is_low = len(owned_ahead(now, ownership)) < LOW_WATER and now_s >= playing.top_up_at_s
    if not (is_low and is_own(now, ownership)):
        return playing, ()
    return replace(playing, top_up_at_s=now_s + RETRY_S), (TopUp(mood),)


def sounding(playing: Playing, before: Playing, *, manual: bool) -> Playing:
    """Note when the player begins to fail, and when music is heard again.

    Each song that cannot be played gives an error of its own, and each attempt clears the last one,
    so the first error is kept until music is heard.
    """
    seen, now = before.playback, playing.playback
    if now is None or now is seen:
        return playing
    if now.error is not None and (seen is None or now.error != seen.error):
        return replace(playing, music_fault=playing.music_fault or now.error)
    if playing.target is None and now.plays and now.elapsed_s:
        return replace(playing, music_fault=None, unheard=False)
    return replace(playing, unheard=playing.unheard and not manual)
