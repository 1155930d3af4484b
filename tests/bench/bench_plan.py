"""How long a plan takes, over 2 and over 20 providers."""

import statistics
import time

from omniflash import Client, Provider, TextToVideo

ROUNDS, PLANS = 9, 200
FEW, MANY = 2, 20
VENDORS = ("fal", "pixeldojo")


def client(accounts: int) -> Client:
    """A client of so many accounts, the vendors in turn."""
    names = ((VENDORS[number % len(VENDORS)], f"account-{number}") for number in range(accounts))
    return Client([Provider(vendor, key="id:secret-half-of-it", name=name) for vendor, name in names])


def plan_s(made: Client) -> float:
    """Seconds that one plan takes, the median of several rounds."""
    rounds = []
    for number in range(ROUNDS):
        begin = time.perf_counter()
        for take in range(PLANS):
            made.plan(TextToVideo(f"A lighthouse at dusk, take {number}.{take}", duration=5))
        rounds.append((time.perf_counter() - begin) / PLANS)
    return statistics.median(rounds)


def main() -> None:
    with client(FEW) as few, client(MANY) as many:
        small, large = plan_s(few), plan_s(many)
    print(
        f"a plan over {FEW} providers in {small * 1e3:.2f} ms, over {MANY} in {large * 1e3:.2f} ms (mark: under 1 ms)"
    )
    print(f"of what two providers take, each of the others takes {(large - small) / (MANY - FEW) / small:.2f}")


if __name__ == "__main__":
    main()
