"""OAI-PMH 2.0: whole lists of records, harvested by ``ListRecords``."""

from potable.engine.fetching.oai.codes import OAI_CODES
from potable.engine.fetching.oai.fetcher import OaiFetcher

__all__ = ["OAI_CODES", "OaiFetcher"]
