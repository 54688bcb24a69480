"""The facts that prose quotes: every number once, with unit, scope and source table.

==========  ==========================================================================================
fact        `Fact`, how its value is written, and facts.json; needs nothing but Python
weeks       the facts of one week, row by row, also of weeks that nobody collected
sentences   every fact as a sentence that may be quoted; its templates are in sentences.toml
collect     facts of the record, the leads, the ratios and the growth; what notebook 06 calls, with pandas
robustness  facts of the tables of notebook 05
claims      facts of the claims and their verdicts
==========  ==========================================================================================
"""
