"""The proof that nothing is lost and nothing happens twice: deaths at every point, kills under load, broken builds."""
