"""User actions: every way in which the player can have changed between two polls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moodbox.core.music.manual_control import user_action, user_action_since_switch
from moodbox.core.music.ownership import Ownership, recognise
from moodbox.core.music.playback import PlayState, QueuedSong, Snapshot
from moodbox.core.music.trigger_tracks import PLAYLISTS

OWN = tuple(QueuedSong(number, f"happy/{number}.flac") for number in (11, 12, 13))
LEFT = QueuedSong(3, "album/left.flac")
"""A person's song that a press displaced."""
NEW = QueuedSong(20, "album/new.flac")
TRIGGER = QueuedSong(21, PLAYLISTS["Read my mood"])
OTHER = QueuedSong(14, "happy/14.flac")
OWNERSHIP = Ownership((*OWN, OTHER), (LEFT,))

PLAYING = Snapshot((LEFT, *OWN), PlayState.PLAY, 11)
LAST = replace(PLAYING, current_id=13)
PAUSED = replace(PLAYING, state=PlayState.PAUSE)
STOPPED = replace(PLAYING, state=PlayState.STOP)
ENDED = replace(STOPPED, current_id=None)
AT_RANDOM, CONSUMING = frozenset({"random", "repeat"}), frozenset({"consume"})
EMPTY = Snapshot((), PlayState.STOP, None, version=7)


def action(before: Snapshot | None, now: Snapshot) -> str | None:
    """What a person did, with the ownership matched to the queue as it is now."""
    return user_action(before, now, recognise(now.queue, OWNERSHIP))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(PLAYING, PAUSED, "a person paused", id="pause"),
        pytest.param(PLAYING, STOPPED, "a person stopped the music", id="stop"),
        pytest.param(
            LAST, replace(LAST, state=PlayState.STOP), "a person stopped the music",
            id="stop in the last song",
        ),
        pytest.param(PLAYING, EMPTY, "a person cleared the queue", id="clear"),
        pytest.param(PAUSED, EMPTY, "a person cleared the queue", id="clear while paused"),
        pytest.param(
            replace(STOPPED, error="no such file"),
            replace(EMPTY, error="no such file", version=1),
            "a person cleared the queue", id="clear what cannot be played",
        ),
        pytest.param(
            replace(PLAYING, error="no such file"),
            replace(EMPTY, error="no such file", version=4),
            "a person cleared the queue", id="take out all songs one by one while they play",
        ),
        pytest.param(
            PLAYING, replace(PLAYING, queue=(LEFT, *OWN, NEW)), "a person put on music", id="add"
        ),
        pytest.param(
            PLAYING, Snapshot((NEW,), PlayState.PLAY, 20), "a person put on music",
            id="clear, load, play",
        ),
        pytest.param(
            PLAYING, replace(ENDED, options=AT_RANDOM), "a person stopped the music",
            id="stop and switch on random order",
        ),
        pytest.param(
            PLAYING, replace(ENDED, queue=(LEFT, *OWN[1:]), version=1),
            "a person stopped the music", id="stop and take out the song",
        ),
        pytest.param(
            PLAYING, replace(ENDED, queue=(*OWN, LEFT), version=1), "a person stopped the music",
            id="stop and mix the queue",
        ),
        pytest.param(
            PLAYING, replace(ENDED, queue=(LEFT, *OWN[:2]), version=2),
            "a person stopped the music", id="stop, take out another song and mix the queue",
        ),
        pytest.param(
            STOPPED, replace(PLAYING, current_id=3), "a person's music is playing",
            id="play an album that was left",
        ),
        pytest.param(
            replace(PLAYING, error="an old song is broken"),
            replace(PAUSED, error="an old song is broken"), "a person paused",
            id="pause while an old error stands",
        ),
        pytest.param(
            EMPTY, replace(EMPTY, version=9), "a person cleared the queue", id="put on and cleared"
        ),
    ],
)  # fmt: skip
def test_a_user_action_is_recognised(before: Snapshot, now: Snapshot, expected: str) -> None:
    assert action(before, now) == expected


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(PLAYING, PLAYING, id="nothing"),
        pytest.param(PLAYING, replace(PLAYING, current_id=12), id="skip"),
        pytest.param(PLAYING, replace(PLAYING, current_id=3), id="skip to what was left"),
        pytest.param(PLAYING, replace(PLAYING, queue=(*OWN, LEFT)), id="move"),
        pytest.param(PLAYING, replace(PLAYING, queue=OWN), id="remove one"),
        pytest.param(LAST, ENDED, id="the queue's natural end"),
        pytest.param(
            replace(PLAYING, options=AT_RANDOM), replace(ENDED, options=AT_RANDOM),
            id="the end in random order",
        ),
        pytest.param(
            replace(LAST, options=AT_RANDOM), ENDED, id="random order off and the queue's end"
        ),
        pytest.param(
            LAST, replace(ENDED, queue=(LEFT, *OWN[1:]), version=1),
            id="remove one, and the queue's natural end",
        ),
        pytest.param(
            replace(LAST, queue=OWN), replace(ENDED, queue=(*OWN, OTHER), version=1),
            id="top up after the queue's natural end",
        ),
        pytest.param(
            replace(LAST, options=CONSUMING),
            replace(ENDED, queue=(LEFT, *OWN[:2]), options=CONSUMING, version=1),
            id="the last song is consumed",
        ),
        pytest.param(PAUSED, PLAYING, id="go on with the box's song"),
        pytest.param(
            PAUSED, Snapshot((*OWN, TRIGGER), PlayState.PLAY, TRIGGER.id),
            id="play a trigger track",
        ),
        pytest.param(STOPPED, STOPPED, id="stopped already"),
        pytest.param(EMPTY, EMPTY, id="empty already"),
        pytest.param(EMPTY, replace(EMPTY, version=8), id="clear what is empty"),
        pytest.param(PLAYING, replace(PLAYING, version=9), id="add one and remove it"),
        pytest.param(
            EMPTY, replace(EMPTY, version=9, restarts=1), id="MPD restarts with an empty queue"
        ),
        pytest.param(
            replace(STOPPED, error="no such file"),
            replace(EMPTY, error="no such file", version=4),
            id="the disk is away, and MPD updates its database",
        ),
        pytest.param(
            replace(PLAYING, error="no such file"),
            replace(EMPTY, error="no such other file", options=CONSUMING, version=4),
            id="one broken song after the other is consumed",
        ),
        pytest.param(PLAYING, replace(PAUSED, error="no such device"), id="the output fails"),
        pytest.param(PLAYING, replace(STOPPED, error="cannot decode"), id="a broken file"),
        pytest.param(PLAYING, replace(PAUSED, restarts=1), id="MPD restarts and comes back paused"),
        pytest.param(PLAYING, replace(EMPTY, restarts=1), id="MPD comes back without its queue"),
        pytest.param(None, PLAYING, id="first poll: the box's own plays"),
        pytest.param(None, PAUSED, id="first poll: MPD came back paused"),
        pytest.param(None, Snapshot((NEW,), PlayState.PAUSE, 20), id="first poll: left since long"),
        pytest.param(None, EMPTY, id="first poll: nothing"),
    ],
)  # fmt: skip
def test_no_user_action_is_imagined(before: Snapshot | None, now: Snapshot) -> None:
    assert action(before, now) is None


@pytest.mark.parametrize("before", [None, replace(PLAYING, restarts=7)])
def test_user_songs_that_play_at_the_first_poll_begin_manual_control(
    before: Snapshot | None,
) -> None:
    now = Snapshot((*OWN, NEW), PlayState.PLAY, 20)
    assert action(before, now) == "a person's music is playing"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(EMPTY, PLAYING, None, id="it plays"),
        pytest.param(EMPTY, EMPTY, "a person cleared the queue", id="cleared at once"),
        pytest.param(EMPTY, PAUSED, "a person paused", id="paused at once"),
        pytest.param(STOPPED, STOPPED, "a person stopped the music", id="stopped at once"),
        pytest.param(
            EMPTY, replace(ENDED, options=AT_RANDOM, version=11), "a person stopped the music",
            id="stopped at once, and random order switched on",
        ),
        pytest.param(
            EMPTY, replace(ENDED, version=12), "a person stopped the music",
            id="stopped at once, and mixed",
        ),
        pytest.param(EMPTY, replace(ENDED, version=11), None, id="songs without a sound"),
        pytest.param(
            EMPTY, replace(EMPTY, error="cannot decode", version=15), None, id="broken and consumed"
        ),
        pytest.param(
            replace(STOPPED, error="cannot decode"),
            replace(STOPPED, error="cannot decode"),
            None,
            id="broken again",
        ),
        pytest.param(None, PLAYING, None, id="the first poll of all"),
    ],
)  # fmt: skip
def test_a_user_action_right_after_a_switch_is_recognised(
    before: Snapshot | None, now: Snapshot, expected: str | None
) -> None:
    ownership = recognise(now.queue, OWNERSHIP)
    assert user_action_since_switch(before, now, ownership) == expected
