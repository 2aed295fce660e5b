"""The runs of a store, on their way: who takes them, carries them out, watches over them, and sweeps up behind them."""
