"""A Redis that ``REDIS_URL`` names: can it be used?"""

import redis

OLDEST = (6, 2)


def problem_with(url: str) -> str:
    """A sentence that says what is wrong and what to do, or nothing."""
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            version = str(client.info("server")["redis_version"])
    except redis.AuthenticationError:
        return "The Redis of REDIS_URL wants a password: redis://:PASSWORD@host:6379/0."
    except (redis.RedisError, ValueError) as error:
        return (
            f"The Redis of REDIS_URL does not answer ({error}). Start it, or unset REDIS_URL to use the built-in one."
        )
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        return f"The Redis of REDIS_URL is version {version}; 6.2 or later is needed."
    return ""
