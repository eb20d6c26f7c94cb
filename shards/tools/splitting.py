"""A data set divided into several: `shards split`."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from multitake.counts import many
from multitake.errors import InputError
from multitake.randomness import rng_for

from ..addresses import check_new_address
from ..conditions import values_of_takes
from ..progress import Progress
from .assembly import Assembled
from .selecting import subset
from .sources import Source, check_apart, open_source

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ROUNDING = 1e-6
Parts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class EqualParts:
    """Parts ``0``, ``1`` ... of consecutive takes, as many in each, up to one."""

    count: int

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command."""
        return "--parts", str(self.count)

    def parts(self, source: Source) -> Parts:
        """The keys of each part; InputError for more parts than takes."""
        keys = source.keys
        if not 1 <= self.count <= len(keys):
            fix = f"give 1 to {len(keys)}, as there are so many takes"
            raise InputError(f"cannot make {self.count} parts", where="--parts", fix=fix)
        ends = [len(keys) * part // self.count for part in range(self.count + 1)]
        digits = len(str(self.count - 1))
        return {f"{part:0{digits}d}": keys[ends[part] : ends[part + 1]] for part in range(self.count)}


@dataclass(frozen=True, kw_only=True)
class PartsByValue:
    """One part for each value of an SQL expression on the columns of the take table, with its name."""

    expression: str

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command."""
        return "--by", self.expression

    def parts(self, source: Source) -> Parts:
        """The keys of each part; InputError for a value that cannot name a folder."""
        return _grouped(values_of_takes(source, self.expression, option="--by"))


@dataclass(frozen=True, kw_only=True)
class RandomShares:
    """Parts with shares of the takes; takes with one value of an expression stay in one part.

    Attributes:
        shares: by name; they add up to 1.
        together: the SQL expression on the columns of the take table.
    """

    shares: Mapping[str, float]
    together: str = "environment"
    seed: int = 0

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command."""
        shares = ",".join(f"{name}={share:g}" for name, share in self.shares.items())
        return "--shares", shares, "--together", self.together, "--seed", str(self.seed)

    def parts(self, source: Source) -> Parts:
        """The keys of each part; InputError for shares that do not add up to 1, or if a part gets no take.

        Groups of takes that stay together come in a random order, each to the part that lacks most takes.
        """
        _check_shares(self.shares)
        groups: dict[str, list[str]] = {}
        for key, value in values_of_takes(source, self.together, option="--together").items():
            groups.setdefault(value, []).append(key)
        if len(groups) < len(self.shares):
            found = many(len(groups), "value")
            what = f"{found} of {self.together} for {len(self.shares)} parts"
            raise InputError(what, where="--together", fix="give fewer parts, or `--together take`")
        parts: dict[str, list[str]] = {name: [] for name in self.shares}
        order = rng_for(self.seed, "split").permutation(len(groups)).tolist()
        for left, place in zip(range(len(groups), 0, -1), order, strict=True):
            empty = [name for name, keys in parts.items() if not keys]
            lacking = {
                name: share * len(source.keys) - len(parts[name]) for name, share in self.shares.items()
            }
            name = max(empty if left == len(empty) else lacking, key=lambda name: lacking[name])
            parts[name] += groups[sorted(groups)[place]]
        position = {key: n for n, key in enumerate(source.keys)}
        return {name: sorted(keys, key=position.__getitem__) for name, keys in parts.items()}


Division = EqualParts | PartsByValue | RandomShares


def split_dataset(
    dataset: str | Path, out: str, division: Division, *, progress: Progress, may_link: bool = True
) -> list[Assembled]:
    """Write one data set for each part below the address ``out``; the same command resumes.

    The column ``split`` of the tables stays as it is.
    """
    check_new_address(out)
    source = open_source(dataset)
    parts = division.parts(source)
    command = shlex.join(("shards", "split", *division.options))
    done = []
    for name, keys in parts.items():
        address = f"{str(out).rstrip('/')}/{name}"
        check_apart(address, source.files)
        assembly = subset(source, address, keys, command=f"{command}: {name}", may_link=may_link)
        done.append(assembly.write(progress))
    return done


def shares_of(text: str) -> dict[str, float]:
    """Shares by name of a text such as ``train=0.9,val=0.1``; InputError for another text."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        try:
            if name in shares:
                raise ValueError(name)
            shares[name] = float(share)
        except ValueError as error:
            fix = "give names and shares such as train=0.9,val=0.1"
            raise InputError(f"invalid share {part.strip()!r}", where="--shares", fix=fix) from error
    return shares


def _check_shares(shares: Mapping[str, float]) -> None:
    _check_names(shares, "--shares")
    fix, total = "give shares above 0 that add up to 1", sum(shares.values())
    for name, share in shares.items():
        if not share > 0:
            raise InputError(f"the share of {name} is {share:g}", where="--shares", fix=fix)
    if abs(total - 1) > _ROUNDING:
        raise InputError(f"shares add up to {total:g}", where="--shares", fix=fix)


def _grouped(values: Mapping[str, str]) -> dict[str, list[str]]:
    """Keys by value, in the order of values; InputError for a value that cannot name a folder."""
    parts: dict[str, list[str]] = {value: [] for value in sorted(set(values.values()))}
    _check_names(parts, "--by")
    for key, value in values.items():
        parts[value].append(key)
    return parts


def _check_names(names: Mapping[str, object], option: str) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            fix = "use letters, digits, '.', '_' and '-', for example by replace(environment, ' ', '-')"
            raise InputError(f"{name!r} cannot name a folder", where=option, fix=fix)
