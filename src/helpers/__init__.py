"""Token Crossover: who processes the tokens on OpenRouter, and how sure can one be?"""

__version__ = "0.1.0"
