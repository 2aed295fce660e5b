"""Apache Parquet.

``format`` is what is known before a source is opened. ``reader`` goes through the row groups, ``file`` opens files and
says what is wrong with them, ``parser`` makes chunks: it reads only the columns that are asked for.
"""

from potable.engine.reading.parquet.format import ParquetReader

__all__ = ["ParquetReader"]
