"""Apache Parquet.

``reader`` goes through the row groups, ``file`` opens files and says what is wrong with them, ``parser`` makes chunks:
it reads only the columns that are asked for.
"""

from potable.engine.reading.parquet.reader import ParquetReader

__all__ = ["ParquetReader"]
