"""Everything a plan is made of, read once from the warehouse into aligned, labelled, read-only arrays."""

from sop_engine.inputs.reader import Inputs, read_inputs, settled, with_judgement

__all__ = ["Inputs", "read_inputs", "settled", "with_judgement"]
