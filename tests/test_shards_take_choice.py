"""``--takes``: names, numbers, ranges and files choose takes, in the order of the data set."""

from pathlib import Path

import numpy as np
import pytest

from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import chosen_takes

KEYS = tuple(f"{'street-03' if n % 3 else 'room'}_{n:06d}" for n in range(40))


@pytest.mark.parametrize("seed", range(20))
def test_names_numbers_and_ranges_choose_what_they_name(seed: int) -> None:
    rng = rng_for(seed, "choice")
    chosen, words = set[int](), list[str]()
    for first in rng.integers(0, 40, size=6).tolist():
        last = min(39, first + int(rng.integers(0, 9)))
        word = (KEYS[first], str(first), f"{first:06d}", f"{first}-{last}")[int(rng.integers(0, 4))]
        chosen |= set(range(first, last + 1)) if "-" in word and word != KEYS[first] else {first}
        words.append(word)
    wanted = tuple(KEYS[n] for n in sorted(chosen))
    assert chosen_takes(",".join(words), KEYS) == wanted
    assert chosen_takes(" , ".join(np.array(words)[::-1]), KEYS) == wanted, "whatever the order"


def test_all_numbers_choose_all_takes_and_each_key_itself() -> None:
    assert chosen_takes("0-39", KEYS) == KEYS
    assert all(chosen_takes(key, KEYS) == (key,) for key in KEYS)


def test_a_file_means_what_its_lines_mean(tmp_path: Path) -> None:
    lines = tmp_path / "takes.txt"
    lines.write_text(f"3-5\n\n  {KEYS[9]}  \r\n11,12\n")
    assert chosen_takes(f"@{lines}", KEYS) == chosen_takes(f"3-5,{KEYS[9]},11,12", KEYS)
    assert chosen_takes(f"39,@{lines}", KEYS) == (*chosen_takes(f"@{lines}", KEYS), KEYS[39])


def test_a_number_chooses_every_take_that_has_it_and_a_name_only_itself() -> None:
    keys = ("a_0001", "b_1", "no_number", "7", "3-5")
    assert chosen_takes("1", keys) == ("a_0001", "b_1")
    assert chosen_takes("7,3-5", keys) == ("7", "3-5"), "names are not ranges"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2000000,1", "unknown take '2000000'"),
        ("1000001", "unknown take '1000001'"),
        ("0-999999999999999999", "unknown take '40'"),
        ("9" * 5000, "unknown take '999"),
        ("1-2-3", "unknown take '1-2-3'"),
        ("-1", "unknown take '-1'"),
        ("٣", "unknown take '٣'"),
        ("5-3", "empty range 5-3; put the smaller number first"),
        ("", "no take; give names"),
        (" , ", "no take; give names"),
        ("@/nowhere.txt", "/nowhere.txt: cannot be read"),
        ("41", "take cave_000041 is not sealed; choose from the 40 sealed takes, such as room_000000"),
    ],
)
def test_a_take_that_is_not_there_is_an_error(text: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        chosen_takes(text, KEYS, planned=(*KEYS, "cave_000041"))
    assert says in str(raised.value) and "\n" not in str(raised.value)
