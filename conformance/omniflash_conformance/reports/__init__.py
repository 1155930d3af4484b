"""The forms of a report: one page, JUnit XML, words for a terminal, and the file that all are made from."""
