"""Runs Rasa's graph without Dask: the same nodes in the same order, worked out once instead of at every message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage


class DirectGraphRunner(DaskGraphRunner):
    """A DaskGraphRunner that calls its nodes itself."""

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        super().__init__(graph_schema, model_storage, execution_context, hooks)
        self._plans: dict[tuple[str, ...], list[str]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return each target's output."""
        wanted = tuple(targets or self._graph_schema.target_names)
        outputs: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._plan(wanted):
            node: GraphNode = self._instantiated_nodes[name]
            needs = self._graph_schema.nodes[name].needs.values()
            outputs[name] = node(*(outputs.get(need, need) for need in needs))
        return {name: outputs[name][1] for name in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[str]:
        """Return the nodes that the targets need, each after what it needs."""
        if wanted not in self._plans:
            plan: list[str] = []

            def visit(name: str) -> None:
                if name in plan or name not in self._graph_schema.nodes:
                    return
                for need in self._graph_schema.nodes[name].needs.values():
                    visit(need)
                plan.append(name)

            for name in wanted:
                visit(name)
            self._plans[wanted] = plan
        return self._plans[wanted]
