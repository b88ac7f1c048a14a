"""What is said of songs: a sentence for each, a record for programs, the sum at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moodbox.core.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodbox.sorting.ear import Ear
    from moodbox.sorting.place import Heard, Place

KIND = {
    Mood.HAPPY: "lively and positive",
    Mood.ANGRY: "lively and dark",
    Mood.SAD: "quiet and dark",
    Mood.NEUTRAL: "calm and positive",
}


def why(place: Place, ear: Ear) -> str:
    """Why a song has its place, or has none."""
    heard = f"It sounds {KIND[place.mood]} ({place.confidence:.0%})"
    if place.distance > 1:
        return f"{heard}, but unlike the music that the box learned from, so it is left alone."
    if not ear.is_placed(place):
        least = ear.point.least_confidence
        return f"{heard}; the box places songs from {least:.0%} on, so it is left alone."
    return f"{heard}, so it belongs to {place.mood}."


def to_record(file: str, heard: Heard | str, ear: Ear) -> dict[str, Any]:
    """What `--jsonl` prints of a song. One that cannot be heard has no mood and confidence 0."""
    if isinstance(heard, str):
        return {
            "file": file, "mood": None, "valence": 0.0, "arousal": 0.0, "confidence": 0.0,
            "why": heard, "error": heard,
        }  # fmt: skip
    place = heard.place
    return {
        "file": file,
        "mood": str(place.mood) if ear.is_placed(place) else None,
        "valence": round(place.valence, 4),
        "arousal": round(place.arousal, 4),
        "confidence": round(place.confidence, 4),
        "why": why(place, ear),
    }


def line(file: str, heard: Heard | str, ear: Ear) -> str:
    """What is printed of a song for a person."""
    if isinstance(heard, str):
        return heard
    mood = str(heard.place.mood) if ear.is_placed(heard.place) else "–"
    return f"{mood:<8} {heard.place.confidence:4.0%}  {file}"


def numbers(file: str, heard: Heard | str, ear: Ear) -> list[str]:
    """What `--why` tells of a song: its numbers, and what would change its place."""
    if isinstance(heard, str):
        return [heard]
    place, point = heard.place, ear.point
    shares = dict(zip(KIND, (0, 1, 2, 3), strict=True))
    told = [file, why(place, ear)]
    told += [f"  {KIND[mood]:<22}{place.probability[n]:4.0%}" for mood, n in shares.items()]
    told += [
        f"  valence {place.valence:+.2f} (dark −1 to positive 1), "
        f"arousal {place.arousal:+.2f} (quiet −1 to lively 1)",
        f"  distance to the nearest songs that the box learned from: {place.distance:.2f}, "
        "of which up to 1 is familiar",
        "  the nearest of them are " + ear.neighbours(heard.sound) + ".",
    ]
    if place.confidence < point.least_confidence:
        told.append(
            f"It would be placed from {point.least_confidence:.0%} on. You can place it yourself: "
            "add it to a mood's playlist in any player."
        )
    return told


def total(songs: int, placed: int, unheard: int) -> str:
    """The sum at the end of a run."""
    left = songs - placed
    text = (
        f"I listened to {_songs(songs)}. {placed:,} {'has' if placed == 1 else 'have'} a place; "
        f"{left:,} I am not sure of and left alone."
    )
    if unheard:
        text += f" {unheard:,} {'file' if unheard == 1 else 'files'} could not be heard."
    if placed:
        text += (
            " About one in eight will seem wrong to you: take it out of its playlist in any "
            "player, and it stays out."
        )
    return text + " Nothing left this box."


def _songs(count: int) -> str:
    return f"{count:,} {'song' if count == 1 else 'songs'}"


def counts(moods: Mapping[Mood, int]) -> str:
    """How many songs each mood's playlist has."""
    return "  ".join(f"{mood} {count}" for mood, count in moods.items())
