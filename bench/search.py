"""Search over a million names, as readers type, against a plain ILIKE with a trigram index.

    .venv/bin/python bench/search.py [--names 1000000] [--questions 300]

Fills the search table of a throw-away cluster with names made of streets, villages and numbers as a city has
them. Both sides look in the same table on the same connection, one after the other. Wanted: p95 under 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time

import psycopg

from bench.runs import cluster
from layers.database import Addresses, admin_connection, open_reading_pool, set_scope
from layers.definitions.loading import read_catalog
from layers.scope import Scope
from layers.search.fold import fold, spell
from layers.search.index import indexes_afterwards, searched_layers
from layers.search.reading import find

WANTED_MS = 50
FIRST = "叶集史河孙岗三元洪集姚李平岗镇区桥店老新东西南北上下大小长安红星光明幸福和平胜利花园"
KINDS = ("路", "街", "巷", "村", "社区", "广场", "小区", "大桥", "学校", "医院", "超市", "派出所")
PLAIN = """
    SELECT name FROM onemap.search_entry WHERE name ILIKE '%%' || %s::text || '%%'
    ORDER BY length(name) LIMIT 10
"""


def names(count: int) -> list[str]:
    """Return names as a city has them: many alike, told apart by numbers."""
    draw = random.Random(7)  # noqa: S311 - names, no secrets
    return [
        "".join(draw.choices(FIRST, k=draw.randint(2, 4))) + draw.choice(KINDS)
        + (f"{draw.randint(1, 400)}号" if draw.random() < 0.7 else "")
        for _ in range(count)
    ]  # fmt: skip


def fill(connection: psycopg.Connection, found: list[str]) -> None:
    """Write the names as entries of the layer of addresses."""
    spelt = {name: spell(fold(name)) for name in set(found)}
    with connection.transaction(), indexes_afterwards(connection):
        set_scope(connection, Scope.everything("bench"))
        columns = "layer, feature_id, code, name, folded, pinyin, initials, texts, bbox, point"
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY onemap.search_entry ({columns}) FROM STDIN") as copy,
        ):
            for number, name in enumerate(found):
                pinyin, initials = spelt[name]
                plain = f"DZ{number:07d}\n{name}\n{pinyin}\n{initials}".lower()
                texts = "".join(one * 2 if "㐀" <= one <= "鿿" else one for one in plain)
                box = [115.9, 31.8, 115.9, 31.8]
                copy.write_row(
                    (
                        "addresses",
                        number,
                        f"DZ{number:07d}",
                        name,
                        fold(name),
                        pinyin,
                        initials,
                        texts,
                        box,
                        box[:2],
                    )
                )
    connection.execute("ANALYZE onemap.search_entry")


def questions(found: list[str], count: int) -> list[str]:
    """Return what people type: whole names, beginnings, parts, pinyin, initials, codes, common characters."""
    draw = random.Random(11)  # noqa: S311
    asked = []
    for _ in range(count):
        name = draw.choice(found)
        pinyin, initials = spell(fold(name))
        asked.append(
            draw.choice(
                [name, name[:2], name[:3], name[1:3], pinyin[:6], initials[:4], name[-3:], "幸福", "12号"]
            )
        )
    return asked


async def ask(addresses: Addresses, asked: list[str]) -> list[float]:
    """Return milliseconds of each question through the product's search."""
    catalog, scope = read_catalog(), Scope.everything("bench")
    layers = [(layer, scope.for_layer(layer)) for layer in searched_layers(catalog)]
    pool = await open_reading_pool(addresses, size=1)
    found = []
    async with pool.acquire() as connection:
        for text in asked[:20] + asked:
            start = time.perf_counter()
            await find(connection, layers, text, 10)
            found.append((time.perf_counter() - start) * 1000)
    await pool.close()
    return found[20:]


def ask_plainly(addresses: Addresses, asked: list[str]) -> list[float]:
    """Return milliseconds of each question as ILIKE with a trigram index."""
    found = []
    with admin_connection(addresses) as connection:
        connection.execute("CREATE INDEX ON onemap.search_entry USING gin (name ext.gin_trgm_ops)")
        for text in asked[:20] + asked:
            start = time.perf_counter()
            connection.execute(PLAIN, [text]).fetchall()
            found.append((time.perf_counter() - start) * 1000)
    return found[20:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    found = names(given.names)
    asked = questions(found, given.questions)
    with cluster() as addresses:
        with admin_connection(addresses) as connection:
            fill(connection, found)
        ours = asyncio.run(ask(addresses, asked))
        plain = ask_plainly(addresses, asked)
    for what, times in (("search", ours), ("ILIKE", plain)):
        print(
            f"{what}: p50 {statistics.median(times):.1f}, p95 {quantile(times):.1f}, max {max(times):.1f} ms"
        )
    print(f"p95 ratio {quantile(ours) / quantile(plain):.2f}; wanted: search p95 under {WANTED_MS} ms")


def quantile(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
