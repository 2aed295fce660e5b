"""Figures of runs in Prometheus's text format; imported only when they're asked for: prometheus_client is an extra."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from potable.engine.store.figures import BOUNDS, Figures
from potable.engine.version import VERSION

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposition(figures: Figures) -> bytes:
    """The figures as text, in UTF-8."""
    return generate_latest(_Collector(figures))


class _Collector(Collector):
    """What the library asks for metrics."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        f = self._figures
        yield InfoMetricFamily("potable", "The version of Potable.", {"version": VERSION})
        ongoing = GaugeMetricFamily("potable_runs_ongoing", "Runs that wait or are under way.", labels=["state"])
        ongoing.add_metric(["queued"], f.queued)
        ongoing.add_metric(["running"], f.running)
        yield ongoing
        said = "How long the run that waits longest has waited; 0 where none does."
        yield GaugeMetricFamily("potable_queue_wait_seconds", said, f.waiting)
        said = "Runs that have ended, by their verdict, by the reason of an error, or cancelled."
        ended = CounterMetricFamily("potable_runs_ended", said, labels=["outcome"])
        for outcome, count in f.ended.items():
            ended.add_metric([outcome], count)
        yield ended
        classes = list(zip([*map(str, BOUNDS), "+Inf"], accumulate(f.lengths), strict=True))
        said = "How long the finished runs took."
        yield HistogramMetricFamily("potable_run_duration_seconds", said, classes, f.seconds)
