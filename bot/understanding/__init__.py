"""What Rasa runs: components, tracker store, graph runner. Python 3.10."""
