"""Token Crossover: who processes the tokens on OpenRouter, and how sure one can be.

What notebooks import. Every function takes tables and returns new ones; what runs notebooks, fetches and packs is the
package `crossover`. Which module answers which question:

==========================  ==========================================================================================
analysis                    **tables in, tables out**
`analysis.cleaning`         Is the record whole, and which days of it are used?
`analysis.origins`          Whose model is each token's, as was known on its day?
`analysis.weeks`            Which week is a day in, and which rows does a scope count?
`analysis.bounds`           What do the unidentified tokens allow: bounds, and who leads for certain?
`analysis.crossover`        When did China overtake the US, under each rule?
`analysis.ratios`           How large is the lead? Who absorbed the growth? On how few models does it rest?
`analysis.multiverse`       What do all defensible combinations of definitions give?
`analysis.truncation`       What if the list of models is cut off elsewhere?
`analysis.influence`        Which models and publishers does the answer hang on?
`analysis.tipping`          What would it take to overturn a week?
`analysis.decomposition`    Which models moved the ratio? Who absorbed the growth since when?
`analysis.openness`         What if only open weights count?
`analysis.money`            What if tokens are weighed by their price?
`analysis.drops`            What if days before a sudden drop do not count?
`analysis.claims`           Which published sentences hold? (`readings`, `judging`, `wording`, `forensics`)
data                        **files in, tables out, and back**
`data.sources`              Is each raw file the one that the manifest describes?
`data.inputs`               Which record does `source` name? (`forms`: as what it comes; `records`: how several join)
`data.rankings`             Does the record keep the contract of the API? (`columns`: checks of what was read as text)
`data.registry`             Who publishes each model? (`prices`, `claims`, `specifications`: the other reviewed files)
`data.contracts`            What is each table and each column, in which unit?
`data.tables`               Read and write a table. (`made`: what made it; `files`: where it is; `settings`: choices)
figures                     **tables in, figures out**
`figures.catalogue`         Which figures are there, and from which tables is each drawn?
`figures.NAME`              One module a figure: prepare, draw, caption, describe; its words in `messages/NAME.toml`
`figures.editions`          For which place, in which language? (`words`, `fonts`)
`figures.export`            The files of a figure. (`frame`, `style`, `colour`: what all figures share)
beside them                 **what all share**
`notebook`                  What is this notebook given, what does it read and write, and what made that?
`facts`                     Every number that prose quotes, once, and its sentence. (`fact`: one; `collect`: all;
                            `weeks`, `robustness`, `claims`: of these; `sentences`; `claims_table`: verdicts to read)
`vocabulary`                Scopes, origins, rules, units: each name once
`choices`                   Which choices differ from the default, and how is a reader told?
`checks`                    Stop when a statement about a result is false
`numbers`, `reading`        Exact sums; tables as a person reads them
`errors`                    The one kind of error that people read
==========================  ==========================================================================================
"""

__version__ = "0.1.0"
