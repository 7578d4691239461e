"""The committee paper: numbers with their cells, the text, its files and the workbook."""
