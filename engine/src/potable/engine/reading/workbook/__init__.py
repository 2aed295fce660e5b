"""Workbooks: Excel's (.xlsx, .xlsm, .xlsb, .xls) and OpenDocument's (.ods).

``book`` opens them by way of calamine and picks the sheet, ``reader`` cuts its rows, ``parser`` makes chunks of them.
calamine has no limits and shows a formula's error as an empty cell: ``extent`` looks into the file beforehand, for the
sheet's size and for its errors. ``values`` spells cells.
"""

from potable.engine.reading.workbook.format import WorkbookReader

__all__ = ["WorkbookReader"]
