"""The closed sets of names that tables, parameters and figures share, each once.

==========  ==========================================================================================
origins     `LEADERS` within `IDENTIFIED` within `ORIGINS` within `TAGGED_ORIGINS`; `GROWTH_ORIGINS`
tags        `WEIGHTS`, `MODALITIES`
scopes      `SCOPES`; `RANKED_SCOPES` and `NAMED_SCOPES` are two of the three
states      `STATES` of a week; `VERDICTS` on a claim and the `AGREEMENTS` that they rest on
rules       `RULES` that date a lead, of which `DATED_RULES` have one date and `LEADING_RULES` stand for them
policies    `STEALTH_POLICIES` for models whose publisher was revealed later
prices      `PRICE_BASES`: where a price comes from
multiverse  `OPTIONS` of each dimension of the grid; `CONTESTED` dimensions are origins that can be argued with
calendar    `WEEKDAYS`
units       the unit of a column: `TOKENS` to `WEEKS`; `TRILLION` tokens is what prose and figures count in
==========  ==========================================================================================
"""

LEADERS = ("China", "US")
IDENTIFIED = (*LEADERS, "Other")
ORIGINS = (*IDENTIFIED, "Unknown")
BELOW_RANK_50 = "other"  # permaslug and origin of the row that adds up all models below rank 50
TAGGED_ORIGINS = (*ORIGINS, BELOW_RANK_50)
GROWTH_ORIGINS = (*IDENTIFIED, "unidentified")

WEIGHTS = ("open", "closed", "unknown")
MODALITIES = ("text", "embedding", "image", "audio", "unknown")

SCOPES = ("chart", "ranked", "platform")
NAMED_SCOPES = ("chart", "ranked")  # in which every counted model has a name
RANKED_SCOPES = ("ranked", "platform")  # that do not depend on the size of the chart

NOT_IDENTIFIED, INCOMPLETE = "not identified", "incomplete"
STATES = (*LEADERS, NOT_IDENTIFIED, INCOMPLETE)

HEDGES = ("none", "about", "nearly", "over", "most of", "keeps", "first")
WINDOWS = ("stated", "open")
HOLDS, CONTRADICTED, NOT_DECIDED, UNTESTED = "holds", "contradicted", "not decided", "not testable"
ON_A_CHOICE = "rests on an unstated choice"
ROUGHLY = ", roughly"
SCOPE_PHRASES = {"chart": "in the chart", "ranked": "over all ranked models", "platform": "on the whole platform"}
HOLDS_ONLY = tuple(f"{HOLDS} only {phrase}" for phrase in SCOPE_PHRASES.values())
VERDICTS = (  # on a claim
    *[verdict + end for verdict in (HOLDS, *HOLDS_ONLY) for end in ("", ROUGHLY)],
    *[ON_A_CHOICE, NOT_DECIDED, CONTRADICTED, UNTESTED],
)
SUPPORTED, NEARLY, OPEN = "supported", "roughly", "open"
AGREEMENTS = (SUPPORTED, NEARLY, OPEN, CONTRADICTED, UNTESTED)

LEADING_RULES = ("first_lead", "durable_lead", "certain_lead")
DATED_RULES = ("first_lead", "sustained_lead_2", "sustained_lead_3", "sustained_lead_4", "durable_lead", "certain_lead")
RULES = (*DATED_RULES, "reversal")

STEALTH_POLICIES = ("as_of", "retrospective", "unknown")
PRICE_BASES = ("free", "listed", "before_first", "carried_forward", "unpriced")

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

OPTIONS = {  # `#` stands for a whole number from 1 on: chart_9, sustained_lead_3
    "universe": ("chart_#", "ranked", "platform_pro_rata", "platform_like_41_50"),
    "variants": ("separate", "collapsed"),
    "stealth": ("as_of", "unknown", "retrospective"),
    "derivatives": ("publisher", "base"),
    "poolside": ("US", "China", "Other", "Unknown"),
    "nex_agi": ("US", "China", "Other", "Unknown"),
    "space_bunny": ("US", "China", "Other", "Unknown"),
    "non_text": ("in", "out"),
    "free": ("in", "out"),
    "week": (*(day.lower() for day in WEEKDAYS), "rolling"),
    "rule": ("first_lead", "sustained_lead_#", "durable_lead", "certain_lead"),
}
CONTESTED = ("poolside", "nex_agi", "space_bunny")  # what each contests is said in the grid file

TOKENS, MODELS, DAYS, WEEKS, SPECIFICATIONS = "tokens", "models", "days", "weeks", "specifications"
SHARE, GROWTH, NUMBER = "share, 0 to 1", "share of the growth, of either sign", "pure number"
USD, USD_PER_MILLION = "USD at list prices", "USD per million tokens"
TRILLION = 10**12
