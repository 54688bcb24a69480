"""Hold the sentences of published articles against the record.

==========  ==========================================================================================
ledger      which claims can be judged at all: hedges, quantities, groups of one sentence
readings    the record laid out by day and model, and what a quantity is in one reading of a claim
judging     signed distances, least tolerance and verdict, every reading tried that a claim leaves open
wording     why a claim got its verdict, and the sentence to print
forensics   the definition behind a pair of numbers that fits no reading, and how sure the find is
==========  ==========================================================================================
"""
