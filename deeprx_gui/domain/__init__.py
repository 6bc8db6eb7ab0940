"""The words of the trade: plain data and pure functions, numpy only."""
