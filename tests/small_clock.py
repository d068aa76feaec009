"""Time that passes only when somebody sleeps."""


class Clock:
    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now, self.slept = now, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
