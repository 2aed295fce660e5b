"""The contenders. Each takes a workload and returns its error counts by rule; imports stand inside, to be left out.

Those with "counts only" say how many records break a rule, and not which: they are what the machine can do, not what a
curator can use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.workload import RULES, SCHEMA, SPECIES, CsvWorkload

if TYPE_CHECKING:
    import polars as pl

Counts = dict[str, int]

PATTERNS = {
    "id": "^(?:CVCL_[0-9]{8})$",
    "url": "^(?:https://[a-z.]+/.*)$",
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "integer": r"^[+-]?[0-9]+$",
}
COLUMNS = [field["name"] for field in SCHEMA["fields"]]
LABELS = tuple(f"{code} {column}" for code, column in RULES)


def expressions() -> list[pl.Expr]:
    """The nine record rules, written by hand: counts of the records that are wrong."""
    import polars as pl

    c = pl.col
    wrong = [
        ~c("id").str.contains(PATTERNS["id"]),
        c("name") == "",
        ~c("species").is_in(SPECIES),
        ~c("age").str.contains(PATTERNS["integer"]),
        c("age").cast(pl.Int64, strict=False) > 120,
        c("score").cast(pl.Float64, strict=False).is_null(),
        c("collected").str.to_date("%Y-%m-%d", strict=False).is_null(),
        ~c("email").str.contains(PATTERNS["email"]),
        ~c("url").str.contains(PATTERNS["url"]),
    ]
    return [e.sum().alias(label) for e, label in zip(wrong, LABELS[1:], strict=True)]


def baseline(work: CsvWorkload) -> Counts:
    """PyArrow's streaming reader, Polars expressions on each batch, counts only."""
    import polars as pl
    import pyarrow as pa
    from pyarrow import csv

    reader = csv.open_csv(
        work.file,
        read_options=csv.ReadOptions(block_size=4 << 20),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string())),
    )
    rules = expressions()
    parts, hashes, records = [], [], 0
    for batch in reader:
        frame = pl.DataFrame(pl.from_arrow(batch))
        parts.append(frame.select(rules))
        hashes.append(frame["id"].hash())
        records += len(frame)
    counts = {label: int(n) for label, n in pl.concat(parts).sum().row(0, named=True).items()}
    return {LABELS[0]: records - pl.concat(hashes).n_unique(), **counts}


def polars_by_hand(work: CsvWorkload) -> Counts:
    """One lazy Polars query, counts only."""
    import polars as pl

    frame = pl.scan_csv(work.file, schema=dict.fromkeys(COLUMNS, pl.String), empty_string_is_null=False)
    duplicates = (pl.len() - pl.col("id").n_unique()).alias(LABELS[0])
    return {k: int(n) for k, n in frame.select(duplicates, *expressions()).collect().row(0, named=True).items()}


def duckdb(work: CsvWorkload) -> Counts:
    """One SQL query in DuckDB, counts only."""
    import duckdb as db

    columns = "{" + ", ".join(f"'{c}': 'VARCHAR'" for c in COLUMNS) + "}"
    species = ", ".join(f"'{s}'" for s in SPECIES)
    wrong = [
        f"NOT regexp_full_match(id, '{PATTERNS['id'][1:-1]}')",
        "coalesce(name, '') = ''",
        f"species NOT IN ({species})",
        f"NOT regexp_full_match(age, '{PATTERNS['integer'][1:-1]}')",
        "TRY_CAST(age AS BIGINT) > 120",
        "TRY_CAST(score AS DOUBLE) IS NULL",
        "TRY_CAST(collected AS DATE) IS NULL",
        f"NOT regexp_full_match(email, '{PATTERNS['email'][1:-1]}')",
        f"NOT regexp_full_match(url, '{PATTERNS['url'][1:-1]}')",
    ]
    counts = ", ".join(f"count(*) FILTER (WHERE {w})" for w in wrong)
    query = (
        f"SELECT count(*) - count(DISTINCT id), {counts} "
        f"FROM read_csv('{work.file}', header=true, delim=',', quote='\"', columns={columns})"
    )
    rows = db.execute(query).fetchall()
    [row] = rows
    return dict(zip(LABELS, map(int, row), strict=True))


def pandera(work: CsvWorkload) -> Counts:
    """A pandera schema on a Polars frame, all failures collected."""
    import pandera.polars as pa
    import polars as pl

    def matches(name: str) -> pa.Check:
        return pa.Check.str_matches(PATTERNS[name], name=name)

    def check(wrong: Callable[[pl.Expr], pl.Expr], name: str) -> pa.Check:
        return pa.Check(lambda data: data.lazyframe.select(~wrong(pl.col(data.key)).fill_null(value=False)), name=name)

    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(str, matches("id"), unique=True),
            "name": pa.Column(str, pa.Check.str_length(min_value=1)),
            "species": pa.Column(str, pa.Check.isin(SPECIES)),
            "age": pa.Column(
                str, [matches("integer"), check(lambda v: v.cast(pl.Int64, strict=False) > 120, "maximum")]
            ),
            "score": pa.Column(str, check(lambda v: v.cast(pl.Float64, strict=False).is_null(), "number")),
            "collected": pa.Column(str, check(lambda v: v.str.to_date("%Y-%m-%d", strict=False).is_null(), "date")),
            "email": pa.Column(str, matches("email")),
            "url": pa.Column(str, matches("url")),
            "batch": pa.Column(str),
            "comment": pa.Column(str),
        }
    )
    frame = pl.read_csv(work.file, schema=dict.fromkeys(COLUMNS, pl.String), empty_string_is_null=False)
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        return {"failures": len(found.failure_cases)}
    return {"failures": 0}


def great_expectations(work: CsvWorkload) -> Counts:
    """An expectation suite on a pandas frame; its default result format, which counts and shows twenty values."""
    import great_expectations as gx
    import pandas as pd
    from great_expectations import expectations

    expect: Any = expectations  # its types don't tell what it exports
    frame = pd.read_csv(work.file, dtype=str, keep_default_na=False, na_values={"name": [""]})
    frame["age_number"] = pd.to_numeric(frame["age"], errors="coerce")
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("cells")
    suite = gx.ExpectationSuite(
        "rules",
        expectations=[
            expect.ExpectColumnValuesToBeUnique(column="id"),
            expect.ExpectColumnValuesToMatchRegex(column="id", regex=PATTERNS["id"]),
            expect.ExpectColumnValuesToNotBeNull(column="name"),
            expect.ExpectColumnValuesToBeInSet(column="species", value_set=list(SPECIES)),
            expect.ExpectColumnValuesToMatchRegex(column="age", regex=PATTERNS["integer"]),
            expect.ExpectColumnValuesToBeBetween(column="age_number", max_value=120),
            expect.ExpectColumnValuesToMatchRegex(column="score", regex=r"^[+-]?[0-9.]+$"),
            expect.ExpectColumnValuesToMatchStrftimeFormat(column="collected", strftime_format="%Y-%m-%d"),
            expect.ExpectColumnValuesToMatchRegex(column="email", regex=PATTERNS["email"]),
            expect.ExpectColumnValuesToMatchRegex(column="url", regex=PATTERNS["url"]),
        ],
    )
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    found = batch.validate(suite, result_format="SUMMARY")
    return {label: int(r.result["unexpected_count"]) for label, r in zip(LABELS, found.results, strict=True)}


def read_bytes(work: CsvWorkload) -> Counts:
    """Nothing but reading the file."""
    with work.file.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    return {}


def potable(work: CsvWorkload) -> Counts:
    """Potable's whole run with the ten rules: fetch, hash, structure, rules, places, report."""
    return _potable(work, "")


def potable_all(work: CsvWorkload) -> Counts:
    """Potable's whole run with all checkers that are on by default."""
    return _potable(work, "-all")


def _potable(work: CsvWorkload, suffix: str) -> Counts:
    from potable.engine import Engine

    name = work.resource_id + suffix
    report = Engine(catalog=work.folder / f"{name}.yaml").run(name)
    report.to_dict()
    return {f"{f.code} {(f.field or '').removeprefix('$.')}": f.count for f in report.findings}


CONTENDERS: dict[str, tuple[str, Callable[[CsvWorkload], Counts]]] = {
    "bytes": ("reading the bytes", read_bytes),
    "polars": ("Polars, written by hand, counts only", polars_by_hand),
    "baseline": ("baseline: PyArrow reader → Polars, counts only", baseline),
    "duckdb": ("DuckDB, SQL written by hand, counts only", duckdb),
    "potable": ("Potable, the ten rules, whole run", potable),
    "potable-all": ("Potable, all default checkers, whole run", potable_all),
    "pandera": ("pandera (Polars)", pandera),
    "great-expectations": ("Great Expectations (pandas), once", great_expectations),
}
"""By name: what to print, and what to run."""
SLOW = ("great-expectations",)
"""Measured once: a run takes about as long as all others together."""


def expected(work: CsvWorkload) -> Counts:
    """The true counts."""
    return {f"{code} {column}": len(records) for (code, column), records in work.faults.items()}


def right(name: str, counts: Counts, work: CsvWorkload) -> str | None:
    """Why a contender's counts are wrong, or None."""
    if name == "bytes":
        return None
    true = expected(work)
    if name == "pandera":  # it knows failure cases, and both records of a duplicate
        # An unsound age has no number, so that it fails one check; both records of a pair count.
        true = {"failures": sum(true.values()) + len(work.faults[RULES[0]])}
    if name == "great-expectations":  # both records of a duplicate count here too
        true = {**true, LABELS[0]: 2 * true[LABELS[0]]}
    if name == "potable-all":
        counts = {k: n for k, n in counts.items() if k in true}
    return None if counts == true else f"counted {counts}, should be {true}"


def details(records: int) -> dict[str, Any]:
    """What the workload is, for the record."""
    return {"records": records, "columns": len(COLUMNS), "rules": len(RULES)}
