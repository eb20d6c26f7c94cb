"""Which worker films which take next."""

from hypothesis import given
from hypothesis import strategies as st

from datagen.ray_cluster import WorkerResources
from datagen.take_queue import TakeQueue

PLANS = st.lists(st.sampled_from("abcde"), max_size=120)


@given(PLANS, st.integers(1, 9), st.integers(1, 40), st.randoms(use_true_random=False))
def test_every_take_is_given_once_and_parts_one_after_the_other(
    plan: list[str], workers: int, takes_per_shard: int, random: object
) -> None:
    queue = TakeQueue(
        range(len(plan)), lambda number: plan[number], workers=workers, takes_per_shard=takes_per_shard
    )
    given_out: list[int] = []
    working = set(range(workers))
    while working:
        worker = random.choice(sorted(working))  # type: ignore[attr-defined]
        number = queue.next_for(worker)
        if number is None:
            working.remove(worker)
        else:
            given_out.append(number)
    assert sorted(given_out) == list(range(len(plan)))
    part = max(takes_per_shard, 8 * workers)
    assert [number // part for number in given_out] == sorted(number // part for number in given_out)


@given(PLANS.filter(bool))
def test_one_worker_opens_each_environment_of_a_part_once(plan: list[str]) -> None:
    queue = TakeQueue(range(len(plan)), lambda number: plan[number], workers=1, takes_per_shard=len(plan))
    filmed = [plan[number] for number in iter(lambda: queue.next_for(0), None)]
    opened = [now for before, now in zip([None, *filmed], filmed, strict=False) if now != before]
    assert sorted(opened) == sorted(set(plan))


def test_workers_share_environments_by_what_is_left() -> None:
    plan = "aaaaaabbb"
    queue = TakeQueue(range(9), lambda number: plan[number], workers=2, takes_per_shard=9)
    firsts = [queue.next_for(worker) for worker in range(2)]
    assert [plan[number] for number in firsts if number is not None] == ["a", "b"]


def test_a_machine_has_room_for_what_its_scarcest_resource_allows() -> None:
    machine = {"CPU": 8.0, "GPU": 1.0, "memory": 1e9}
    assert WorkerResources().workers_on(machine) == 8
    assert WorkerResources(cpus=3.0).workers_on(machine) == 2
    assert WorkerResources(gpus=0.25).workers_on(machine) == 4
    assert WorkerResources(gpus=0.25).workers_on({"CPU": 8.0}) == 0
