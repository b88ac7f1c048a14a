"""How each mood sounds, in numbers, with the studies that they come from.

The composer uses this table, and the tests measure the finished sound files against the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["major", "minor"]

HEVNER_1937: Final = (
    "Hevner, K. (1937). The affective value of pitch and tempo in music. "
    "American Journal of Psychology, 49, 621-630."
)
SCHERER_1977: Final = (
    "Scherer, K. R. & Oshinsky, J. S. (1977). Cue utilization in emotion attribution from "
    "auditory stimuli. Motivation and Emotion, 1, 331-346."
)
JUSLIN_2004: Final = (
    "Juslin, P. N. & Laukka, P. (2004). Expression, perception, and induction of musical "
    "emotions. Journal of New Music Research, 33, 217-238."
)
HURON_2006: Final = (
    "Huron, D. (2006). Sweet Anticipation: Music and the Psychology of Expectation. MIT Press."
)
HURON_KINNEY_2006: Final = (
    "Huron, D., Kinney, D. & Precoda, K. (2006). Influence of pitch height on the perception of "
    "submissiveness and threat in musical passages. Empirical Musicology Review, 1(3), 170-177."
)
GABRIELSSON_2010: Final = (
    "Gabrielsson, A. & Lindström, E. (2010). The role of structure in the musical expression "
    "of emotions. In Handbook of Music and Emotion, Oxford University Press, 367-400."
)
EEROLA_2013: Final = (
    "Eerola, T., Friberg, A. & Bresin, R. (2013). Emotional expression in music: contribution, "
    "linearity, and additivity of primary musical cues. Frontiers in Psychology, 4, 487."
)


@dataclass(frozen=True)
class Character:
    """The numbers that make music sound like one mood.

    tempo_bpm: slowest and fastest beat, inclusive.
    mode: third of the tonic chord, as a listener hears it.
    register_midi: lowest and highest note of the melody, inclusive (MIDI, 60 is middle C, 69 is
        440 Hz).
    loudness_lufs: programme loudness after ITU-R BS.1770. The moods differ a little, because
        sound level is a cue, but too little to make a listener change the volume.
    articulation: share of a note's written length that sounds; above 1 the notes overlap.
    leap_share: share of melody moves wider than a scale step, 0 to 1.
    slope: -1 when the melody tends to fall, 0 when level, 1 when it tends to rise.
    """

    mood: str
    tempo_bpm: tuple[float, float]
    mode: Mode
    register_midi: tuple[int, int]
    loudness_lufs: float
    articulation: float
    leap_share: float
    slope: int
    genre: str
    why: str
    sources: tuple[str, ...]


CHARACTERS: Final[dict[str, Character]] = {
    row.mood: row
    for row in (
        Character(
            mood="happy",
            tempo_bpm=(116.0, 128.0),
            mode="major",
            register_midi=(69, 86),
            loudness_lufs=-17.0,
            articulation=0.7,
            leap_share=0.35,
            slope=1,
            genre="Folk",
            why="fast, major, high, staccato, bright, rising, simple consonant harmony",
            sources=(JUSLIN_2004, GABRIELSSON_2010, EEROLA_2013),
        ),
        Character(
            mood="sad",
            tempo_bpm=(56.0, 68.0),
            mode="minor",
            register_midi=(48, 67),
            loudness_lufs=-20.0,
            articulation=1.04,
            leap_share=0.12,
            slope=-1,
            genre="Chamber",
            why="slow, minor, low, soft, legato, dull timbre, falling in small steps",
            sources=(HEVNER_1937, JUSLIN_2004, EEROLA_2013),
        ),
        Character(
            mood="angry",
            tempo_bpm=(144.0, 168.0),
            mode="minor",
            register_midi=(36, 53),
            loudness_lufs=-15.0,
            articulation=0.75,
            leap_share=0.25,
            slope=0,
            genre="Rock",
            # The studies disagree on anger's register: Juslin & Laukka list it as high. Huron,
            # Kinney & Precoda find that the same melody threatens more when it is lower, and a
            # listeners know a low distorted guitar as angry; this row follows them.
            why="fast, minor with a flat second, loud, rough, sharp attacks, low and heavy",
            sources=(JUSLIN_2004, HURON_KINNEY_2006, GABRIELSSON_2010),
        ),
        Character(
            mood="surprise",
            tempo_bpm=(130.0, 144.0),
            mode="major",
            register_midi=(74, 98),
            loudness_lufs=-18.0,
            articulation=0.6,
            leap_share=0.9,
            slope=1,
            genre="Novelty",
            why="fast, high, wide leaps upward, sharp attacks, sudden loud and soft, broken rules",
            sources=(SCHERER_1977, HURON_2006, GABRIELSSON_2010),
        ),
        Character(
            mood="neutral",
            tempo_bpm=(82.0, 96.0),
            mode="major",
            register_midi=(57, 72),
            loudness_lufs=-19.0,
            articulation=0.95,
            leap_share=0.15,
            slope=0,
            genre="Ambient",
            # No study asks for "neutral" music. Each cue is set to the middle of its scale, and
            # the mode to major, which Eerola et al. find for the calm end of the ratings.
            why="moderate tempo, middle register, narrow range, even dynamics, mild major",
            sources=(GABRIELSSON_2010, EEROLA_2013),
        ),
    )
}

MOODS: Final = tuple(CHARACTERS)
