"""Manual control always wins: a person acts between any two requests of the box."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from moodbox.adapters.mpd.link import connect, disconnect
from moodbox.core.mood import Mood
from moodbox.core.ports import ButtonPressed, Message
from music.chimes import write_chimes
from tests.support.drawn_room import DrawnEye, DrawnRoom
from tests.support.evening import RATES
from tests.support.fake_clock import SimClock
from tests.support.meddler import Meddler
from tests.support.mpd_server import MpdServer, write_songs
from tests.support.person import ACTS, Person
from tests.support.simulated_box import SimulatedBox, simulated_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodbox.core.policy.state import State

LEAVE_S = 5.0


@pytest.fixture(scope="module")
def lasting_mpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """A private MPD that has the trigger tracks of the box's playlists as well."""
    music = tmp_path_factory.mktemp("music")
    write_songs(music)
    write_chimes(music, lambda _: None)
    with MpdServer(tmp_path_factory.mktemp("mpd"), music) as server:
        yield server


REREAD_MIN = 1.0

BOX_ACTS = (
    "press", "message", "sit down anew", "the song ends", "playlist read", "playlist mood",
    "is read anew", "leaves", "comes back",
)  # fmt: skip
WORDS = ("press", "message", "playlist read", "playlist mood")
"""By which a person asks for music."""
LATER_ACTS = ("add", "add and play", "clear, add, play", "clear", "delete")
"""Acts after which what a person cleared for a playlist may not come back."""


@dataclass(frozen=True)
class Act:
    """What a person does right before the box's request number `at`."""

    what: str
    number: int
    at: int
    """0 is before anything; past the box's last request it comes after everything."""


@dataclass(frozen=True)
class Step:
    """Something the box does, and what a person does meanwhile."""

    box: str
    mood: Mood
    acts: tuple[Act, ...]


def step(box: str, mood: Mood, what: str, number: int, at: int) -> Step:
    """A step in which a person does one thing."""
    return Step(box, mood, (Act(what, number, at),))


class Evening:
    """A box before a drawn room, a real MPD, and a person who meddles."""

    def __init__(
        self, mpd: MpdServer, folder: Path, meddler: Meddler, person: Person, *, waits: bool
    ) -> None:
        """`waits`: whether the box pauses its music when everybody has left."""
        clock = SimClock()
        self.room, eye = DrawnRoom(clock), DrawnEye()
        self.box: SimulatedBox = simulated_box(
            self.room, mpd, folder, reader=eye, finder=eye, clock=clock,
            address=meddler.address, rates=replace(RATES, songs=4), leave_after_s=LEAVE_S,
            pause_when_left=waits, reread_min=REREAD_MIN,
        )  # fmt: skip
        self._meddler, self._person, self._mpd = meddler, person, mpd
        self._requests = self._length = 0
        self._step = step("press", Mood.HAPPY, "play", 0, 0)
        self._acts: list[Act] = []
        self._heeded = self._emptied = self._over = False
        self._noted = self.box.daemon.display.on_change
        self.box.daemon.display.on_change = self._note
        meddler.before, meddler.after = self._before, self._after

    def take(self, step: Step) -> None:
        """Let the box do something, and the person meddle; then check what came of it."""
        self._requests, self._step, self._heeded, self._emptied = 0, step, False, False
        self._acts = sorted(step.acts, key=lambda act: act.at)
        self.room.sitter = None if step.box == "leaves" else step.mood
        getattr(self, "_" + step.box.replace(" ", "_"))(step)
        self._meddler.check()
        while self._acts:
            self._meddle()
        self.box.after_user_action()
        self.box.live(1.0)
        self._meddler.check()
        missing = self._person.takes_back()
        kept = step.box == "playlist read" and not any(a.what in LATER_ACTS for a in step.acts)
        assert not (missing and kept), f"{missing} did not come back"
        assert self._person.overruled() == []

    def _press(self, step: Step) -> None:
        self._person.asks()
        ended = len(self.box.readings)
        self.box.happens(ButtonPressed())
        self.box.live(4.5, until_read=ended + 1)

    def _message(self, step: Step) -> None:
        self._person.asks()
        self.box.happens(Message(f"mood {step.mood}"))

    def _sit_down_anew(self, step: Step) -> None:
        self.room.sitter = None
        self.box.live(LEAVE_S + 12)
        self.room.sitter = step.mood
        self.box.live(4.0)

    def _playlist_read(self, step: Step) -> None:
        if step.acts[0].number % 2:
            self.room.sitter = None  # nobody is read, and what plays stays
        ended = len(self.box.readings)
        self._person.asks_by_playlist("Read my mood")
        self.box.after_user_action()
        self.box.live(7.0, until_read=ended + 1)

    def _playlist_mood(self, step: Step) -> None:
        self._person.asks_by_playlist(f"Mood: {step.mood}")
        self.box.after_user_action()
        self.box.live(3.0)

    def _is_read_anew(self, step: Step) -> None:
        self.box.live(60 * REREAD_MIN + 35)

    def _leaves(self, step: Step) -> None:
        self.box.live(LEAVE_S + 12)

    def _comes_back(self, step: Step) -> None:
        self.box.live(4.0)

    def _the_song_ends(self, step: Step) -> None:
        with self._mpd.person() as hours:
            if hours.status()["state"] == "play" and self._person.theirs is None:
                hours.next()
        self.box.after_user_action()

    def _before(self) -> None:
        """Right before a request of the box reaches MPD."""
        while self._acts and self._requests >= self._acts[0].at:
            self._meddle()
        self._requests += 1
        self._person.watch()
        self._length = self._person.length()
        self._emptied |= not self._length

    def _after(self) -> None:
        self._person.watch()
        # Where a person emptied it, the box may take out again what it has added meanwhile.
        left = self._person.length() or self._emptied
        assert left or not self._length, "the box has emptied the queue"
        over = self._person.silent and self._person.plays()
        assert not (over and self._over), "music that they had stopped is not taken back at once"
        self._over = over

    def _meddle(self) -> None:
        act = self._acts.pop(0)
        self._person.act(act.what, act.number)
        if act.what in ("next", "previous") and self._over:
            # They go on with what the box has just broken in with and would have taken back.
            self._person.silent = not self._person.plays()
        if act.what == "pause" and self.box.state.playing.paused and self._person.theirs is None:
            # They set going and paused again what the box had paused: nobody can tell.
            self._person.silent = False
        if self._step.box in WORDS and not self._heeded:
            self._person.asks()  # the box polls before it heeds a word: the act came before it

    def _note(self, before: State, after: State) -> None:
        """Whether the box has taken in what it was asked."""
        attempt, target = after.seeing.attempt, after.playing.target
        if attempt is not None and attempt is not before.seeing.attempt:
            self._heeded |= attempt.asked
        if target is not None and target is not before.playing.target:
            self._heeded |= target.displace
        assert self._noted is not None
        self._noted(before, after)


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(BOX_ACTS),
        st.sampled_from(list(Mood)),
        st.lists(
            st.builds(Act, st.sampled_from(ACTS), st.integers(0, 99), st.integers(0, 12)),
            min_size=1,
            max_size=2,
        ).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


@example(
    waits=False,
    steps=[
        step("press", Mood.HAPPY, "add", 0, 99),
        # The very song that the box is adding, put on in the moment in which it adds it.
        *(step("message", Mood.ANGRY, "clear, add, play", 5, at) for at in range(3, 10)),
    ],
)
@example(
    waits=False,
    steps=[
        step("the song ends", Mood.HAPPY, "add and play", 27, 5),
        *(step("press", Mood.NEUTRAL, "stop", 27, at) for at in range(2, 9)),
    ],
)
@example(
    waits=False,
    steps=[
        # Before an empty queue, all between two polls.
        Step(
            "the song ends",
            Mood.SURPRISE,
            (Act("clear, add, play", 31, 4), Act("delete", 62, 12)),
        ),
        step("the song ends", Mood.SURPRISE, "single", 48, 8),
    ],
)
@example(
    waits=False,
    steps=[
        step("press", Mood.SAD, "add", 0, 99),
        # On to what has just been put back, right before the box goes on with it.
        step("playlist read", Mood.HAPPY, "next", 0, 4),
    ],
)
@example(
    waits=False,
    steps=[
        step("comes back", Mood.HAPPY, "single", 0, 0),
        # Where music is stopped, each makes MPD forget at which song.
        *(
            Step(box, Mood.SAD, (Act("stop", 0, 99), Act(what, number, 99)))
            for what, number in (("random", 1), ("delete", 0), ("shuffle", 0))
            for box in ("message", "the song ends")
        ),
    ],
)
@example(
    waits=False,
    steps=[
        step("the song ends", Mood.SAD, "add", 24, 9),
        # Theirs, and taken out for good, a while before they ask.
        step("leaves", Mood.NEUTRAL, "delete", 0, 5),
        step("playlist mood", Mood.NEUTRAL, "pause", 95, 4),
    ],
)
@example(
    waits=True,
    steps=[
        step("playlist mood", Mood.ANGRY, "stop", 24, 1),
        # The second of them while the box puts back what it broke into after the first.
        Step("message", Mood.ANGRY, (Act("pause", 10, 4), Act("clear, add, play", 7, 6))),
    ],
)
@example(
    waits=True,
    steps=[
        step("press", Mood.NEUTRAL, "previous", 41, 3),
        # Their own song, which they pause, in place of the box's, which it had paused.
        Step("leaves", Mood.HAPPY, (Act("add and play", 63, 6), Act("pause", 24, 8))),
        step("comes back", Mood.HAPPY, "volume", 0, 0),
    ],
)
@example(
    waits=True,
    steps=[
        step("is read anew", Mood.SURPRISE, "single", 78, 2),
        # On from the song with which the box has broken into their pause.
        Step("is read anew", Mood.SAD, (Act("pause", 74, 4), Act("next", 5, 5))),
    ],
)
@settings(
    max_examples=30,
    # Shrinking would take minutes, as each example is an evening before a real MPD.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps, waits=st.booleans())
def test_nothing_that_a_person_does_is_undone_or_overruled(
    steps: list[Step], waits: bool, mpd: MpdServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spend(steps, waits, mpd, tmp_path_factory.mktemp("evening"))


@pytest.mark.parametrize("at", range(1, 9))
@pytest.mark.parametrize("what", ["pause", "stop", "clear", "add", "add and play", "next", "play"])
def test_an_act_stands_while_what_was_cleared_for_a_playlist_is_restored(
    what: str, at: int, mpd: MpdServer, tmp_path: Path
) -> None:
    """Nobody sits there, so that nothing else is to be played."""
    album = step("sit down anew", Mood.HAPPY, "clear, add, play", 0, 99)
    spend([album, step("playlist read", Mood.HAPPY, what, 1, at)], False, mpd, tmp_path)


@pytest.mark.parametrize("at", range(1, 9))
def test_all_is_restored_where_they_go_on_to_a_song_of_it_meanwhile(
    at: int, mpd: MpdServer, tmp_path: Path
) -> None:
    added = step("press", Mood.SAD, "add", 0, 99)
    spend([added, step("playlist read", Mood.HAPPY, "next", 0, at)], False, mpd, tmp_path)


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("what", ["pause", "stop", "add and play"])
def test_an_act_stands_where_a_trigger_track_is_all_there_is(
    what: str, at: int, mpd: MpdServer, tmp_path: Path
) -> None:
    spend([step("playlist read", Mood.HAPPY, what, 1, at)], False, mpd, tmp_path)


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("what", ["pause", "stop", "add and play", "clear, add, play", "next"])
@pytest.mark.parametrize("box", ["leaves", "comes back"])
def test_an_act_stands_while_the_box_pauses_its_music_or_lets_it_go_on(
    box: str, what: str, at: int, mpd: MpdServer, tmp_path: Path
) -> None:
    evening = [Step("sit down anew", Mood.HAPPY, ())]
    if box == "comes back":
        evening.append(Step("leaves", Mood.HAPPY, ()))
    spend([*evening, step(box, Mood.HAPPY, what, 1, at)], True, mpd, tmp_path)


@pytest.mark.parametrize("then", ["pause", "stop", "play", "add and play", "clear, add, play"])
@pytest.mark.parametrize("what", ["pause", "stop", "next"])
def test_a_second_act_stands_while_the_box_undoes_its_plan_after_the_first(
    what: str, then: str, mpd: MpdServer, tmp_path: Path
) -> None:
    evening = [step("press", Mood.HAPPY, "single", 0, 0)]
    for at in range(2, 6):
        for more in (1, 2):
            acts = (Act(what, 1, at), Act(then, 1, at + more))
            evening.append(Step("message", Mood.HAPPY, acts))
    spend(evening, False, mpd, tmp_path)


@pytest.mark.parametrize("then", ["pause", "stop", "add and play"])
@pytest.mark.parametrize("what", ["pause", "play", "next"])
@pytest.mark.parametrize("box", ["leaves", "comes back"])
def test_a_second_act_stands_while_the_box_takes_back_its_pause(
    box: str, what: str, then: str, mpd: MpdServer, tmp_path: Path
) -> None:
    evening: list[Step] = []
    for at in (1, 2):
        evening.append(step("press", Mood.HAPPY, "single", 0, 0))
        if box == "comes back":
            evening.append(Step("leaves", Mood.HAPPY, ()))
        evening.append(Step(box, Mood.HAPPY, (Act(what, 1, at), Act(then, 1, at + 1))))
    spend(evening, True, mpd, tmp_path)


def spend(steps: list[Step], waits: bool, mpd: MpdServer, folder: Path) -> None:
    """Live through an evening of these steps."""
    mpd.reset()
    with mpd.person() as client, Meddler(folder / "socket", mpd.address) as meddler:
        evening = Evening(mpd, folder, meddler, Person(client), waits=waits)
        try:
            for step in steps:
                evening.take(step)
        finally:
            evening.box.player.close()


def test_the_person_notices_what_is_undone(mpd: MpdServer) -> None:
    """Each of their acts, undone by somebody: else the property above could not fail."""
    with mpd.person() as client, mpd.person() as other:
        person = Person(client)
        for what in ("add and play", "add", "random", "volume"):
            person.act(what, 1)
        assert person.overruled() == []
        other.random(0)
        other.setvol(50)
        other.deleteid(max(person.added))
        other.play(0)
        other.add("albums/three.wav")
        other.play(1)
        assert len(person.overruled()) == 5
        person.act("pause", 0)
        other.play()
        assert "music plays that they had stopped" in person.overruled()


def test_something_can_happen_before_any_request(mpd: MpdServer, tmp_path: Path) -> None:
    asked: list[str] = []
    with mpd.person() as person, Meddler(tmp_path / "socket", mpd.address) as meddler:
        client = connect(meddler.address, time.monotonic() + 5)
        meddler.before = lambda: asked.append(person.status()["playlistlength"])
        client.add("albums/one.wav")
        client.command_list_ok_begin()
        client.add("albums/one.wav")
        client.add("albums/one.wav")
        client.command_list_end()
        assert client.status()["playlistlength"] == "3"
        disconnect(client)
    assert asked == ["0", "1", "3"]
