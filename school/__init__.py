"""The words everyone speaks: people, classes, terms, letters, addresses. Pure, standard library only."""
