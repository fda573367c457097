"""Coaching: a plan of tasks and a few decisions, walked in chat with a coach that proposes and never decides.

`plan` holds the pure rules of a plan, `flow` the conversation. `register` adds the service to the engine; the coach
takes free words only after every other service, which is why `register_last` stands behind them.
"""
