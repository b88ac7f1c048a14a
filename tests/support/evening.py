"""An evening in simulated time: the pure policy, with answers to its commands made up here."""

from __future__ import annotations

from dataclasses import replace

from moodbox.config import Config
from moodbox.core.mood import BBox, Mood, Scores
from moodbox.core.music.playback import Pause, PlayState, QueuedSong, Snapshot
from moodbox.core.music.triggers import Cleared
from moodbox.core.policy.commands import Command, PauseMusic, Plan, PlayMood, Restore
from moodbox.core.policy.events import Event, NoMusic, PlanDone, Polled, Sensed, Want
from moodbox.core.policy.settings import Policy
from moodbox.core.policy.state import State
from moodbox.core.policy.step import step
from moodbox.core.seeing.presence import SeenFace
from moodbox.core.seeing.reading import OperatingPoint
from moodbox.settings import policy, rates
from tests.support.view import View

POINT = OperatingPoint(1.0, (0.0,) * 5, 1.0, sure_confidence=0.8, least_confidence=0.5)
POLICY = policy(Config(), POINT)
RATES = rates(Config())
FACE = BBox(200, 100, 120, 120)
PERSON = View((SeenFace(FACE, moved=True),))
POSTER = View((SeenFace(FACE, moved=False),))
EMPTY = View()
DARK = View(dark=True)


def scores(mood: Mood, probability: float) -> Scores:
    """Scores of a face that is read so."""
    rest = (1 - probability) / (len(Mood) - 1)
    return Scores({each: probability if each is mood else rest for each in Mood})


HAPPY = scores(Mood.HAPPY, 0.95)
SAD = scores(Mood.SAD, 0.95)
UNCLEAR = scores(Mood.SAD, 0.3)


class Evening:
    """A state, a clock, and a player that does what it is told."""

    def __init__(self, state: State | None = None, policy: Policy = POLICY) -> None:
        self.state = state or State()
        self.policy = policy
        self.now_s = 1000.0
        self.commands: list[Command] = []
        self.answers_pauses = True
        """Whether the box gets to pause its music, or a person is quicker."""
        self.back: list[Cleared | None] = []
        """What was to be restored, at each command to do so."""
        self.empty: set[Mood] = set()
        """Moods without music."""
        self._next_id = 1

    @property
    def played(self) -> list[Mood]:
        """Moods that were asked for, in order."""
        return [c.target.mood for c in self.commands if isinstance(c, PlayMood)]

    def forget(self) -> None:
        """What was asked for until now is not spoken of any more."""
        self.commands.clear()
        self.back.clear()

    def feed(self, *events: Event) -> None:
        """Let events happen now, and answer what comes of them."""
        for event in events:
            self.state, commands = step(self.state, event, self.now_s, self.policy)
            self.commands += commands
            for command in commands:
                if isinstance(command, PlayMood):
                    self._play(command)
                if isinstance(command, Restore):
                    request = self.state.triggers.request
                    self.back.append(request.cleared if request else None)
                if isinstance(command, PauseMusic) and self.answers_pauses:
                    self._pause(command)

    def pass_by(self, for_s: float, view: View, prediction: Scores | None = HAPPY) -> None:
        """Time goes by before this view; a reading gets this `prediction` of each face in it."""
        until_s = self.now_s + for_s
        while self.now_s < until_s:
            reading = self.state.want is Want.READ
            sight = view.sight(self.state.seeing.tracked, self.now_s)
            self.feed(Sensed(sight, prediction if reading and sight.person else None))
            self.now_s += 0.125 if reading else 0.5

    def player(self, **change: object) -> None:
        """The player is seen in another state than before."""
        playback = self.state.playing.playback or Snapshot((), PlayState.STOP, None)
        self.feed(Polled(replace(playback, **change)))  # type: ignore[arg-type]

    def _pause(self, command: PauseMusic) -> None:
        before = self.state.playing.playback
        assert before is not None
        plan = Plan(command, (Pause(command.on),), before)
        state = PlayState.PAUSE if command.on else PlayState.PLAY
        self.feed(PlanDone(plan, (), replace(before, state=state)))

    def _play(self, command: PlayMood) -> None:
        mood = command.target.mood
        if mood in self.empty:
            self.feed(NoMusic(mood))
            return
        songs = tuple(QueuedSong(self._next_id + i, f"{mood}/{i}.ogg") for i in range(5))
        self._next_id += len(songs)
        before = self.state.playing.playback or Snapshot((), PlayState.STOP, None)
        own = set(self.state.control.ownership.owned)
        others = tuple(song for song in before.queue if song not in own)
        now = Snapshot((*others, *songs), PlayState.PLAY, songs[0].id, restarts=before.restarts)
        self.feed(PlanDone(Plan(command, (), before), songs, now))
