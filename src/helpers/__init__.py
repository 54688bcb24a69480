"""Token Crossover: who processes the tokens on OpenRouter, and how sure one can be."""

__version__ = "0.1.0"
