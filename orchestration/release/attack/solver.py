"""Whole numbers that fit all relations around a count at once (HiGHS), where bounds one relation at a time tell no more."""

from __future__ import annotations

import time

import numpy as np

from orchestration.release.attack.bounds import Booleans, Integers, System

# relations around a count that are looked at together; more make each question slow and seldom tell more
MOST_RELATIONS = 150


def solve(system: System, targets: Integers, seconds: float) -> tuple[Booleans, int]:
    """Tighten the bounds of `targets` in place, in the order given, for at most `seconds`.

    Returns which cells became fixed, and how many targets were looked at. What is found around one count serves the next.
    """
    from scipy.sparse import csr_array

    ends = time.monotonic() + seconds
    is_solved = np.zeros(len(system.lo), dtype=bool)
    shape = (len(system.least), len(system.lo))
    by_relation = csr_array((system.coefficient, (system.relation, system.cell)), shape=shape)
    by_cell = by_relation.tocsc()
    looked_at = 0
    for target in targets:
        if time.monotonic() > ends:
            break
        looked_at += 1
        if system.lo[target] == system.hi[target]:
            continue
        relations = _around(system, by_relation, by_cell, int(target))
        if len(relations) and _tighten(system, by_relation, relations, int(target)):
            is_solved[target] = True
    return is_solved, looked_at


def _around(system: System, by_relation: object, by_cell: object, target: int) -> Integers:
    """The relations nearest to a cell, by the cells that are not known, at most MOST_RELATIONS."""
    relations: dict[int, None] = {}
    seen, ring = {target}, [target]
    while ring and len(relations) < MOST_RELATIONS:
        further: list[int] = []
        for cell in ring:
            rows = by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]  # type: ignore[attr-defined]
            for relation in rows[: MOST_RELATIONS - len(relations)]:
                if int(relation) in relations:
                    continue
                relations[int(relation)] = None
                start, end = by_relation.indptr[relation : relation + 2]  # type: ignore[attr-defined]
                for other in by_relation.indices[start:end]:  # type: ignore[attr-defined]
                    if int(other) not in seen and system.lo[other] < system.hi[other]:
                        seen.add(int(other))
                        further.append(int(other))
        ring = further
    return np.fromiter(relations, dtype=np.int64)


def _tighten(system: System, by_relation: object, relations: Integers, target: int) -> bool:
    """Least and greatest whole number of a cell that fits `relations`; True when they are one."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = by_relation[relations]  # type: ignore[index]
    cells = np.unique(rows.indices)
    matrix = rows[:, cells]
    aim = (cells == target).astype(float)
    found = []
    for sign in (1.0, -1.0):
        answer = milp(
            sign * aim,
            constraints=LinearConstraint(matrix, system.least[relations], system.most[relations]),
            bounds=Bounds(system.lo[cells], system.hi[cells]),
            integrality=np.ones(len(cells)),
            options={"time_limit": 1.0, "mip_rel_gap": 0.0},
        )
        # a bound that was not proved is none; what does not fit at all was told of by a relation that does not hold
        found.append(sign * answer.fun if answer.status == 0 else None)
    if found[0] is not None:
        system.lo[target] = max(system.lo[target], round(found[0]))
    if found[1] is not None:
        system.hi[target] = min(system.hi[target], round(found[1]))
    return bool(system.lo[target] == system.hi[target])
