"""Envoy's rate limit protocol, by the client that the gRPC project generates for it.

Usage: gateway.py ADDRESS KEY

Exits with 0 and one line per check if the server, whose quotas are those of
tests/clients.rs, answers as an Envoy expects.
"""

import sys

import grpc
from envoy.extensions.common.ratelimit.v3.ratelimit_pb2 import RateLimitDescriptor
from envoy.service.ratelimit.v3.rls_pb2 import RateLimitRequest, RateLimitResponse
from envoy.service.ratelimit.v3.rls_pb2_grpc import RateLimitServiceStub

PATIENCE = 20.0
OK, OVER_LIMIT = RateLimitResponse.OK, RateLimitResponse.OVER_LIMIT
MINUTE, HOUR = RateLimitResponse.RateLimit.MINUTE, RateLimitResponse.RateLimit.HOUR


class Gateway:
    """An Envoy that holds a site's key."""

    def __init__(self, address: str, key: str):
        self.stub = RateLimitServiceStub(grpc.insecure_channel(address))
        self.metadata = [("authorization", f"Bearer {key}")]

    def ask(self, *descriptors: dict, domain: str = "daily", hits: int = 0, **options):
        entry = RateLimitDescriptor.Entry
        request = RateLimitRequest(
            domain=domain,
            hits_addend=hits,
            descriptors=[
                RateLimitDescriptor(entries=[entry(key=k, value=v) for k, v in entries.items()])
                for entries in descriptors
            ],
        )
        options = {"timeout": PATIENCE, "metadata": self.metadata, **options}
        return self.stub.ShouldRateLimit(request, **options)

    def failure(self, *descriptors: dict, **options) -> grpc.RpcError:
        try:
            self.ask(*descriptors, **options)
        except grpc.RpcError as error:
            return error
        raise AssertionError("expected the call to fail")


def below_the_limit_it_says_what_is_left(gateway: Gateway) -> None:
    answer = gateway.ask({"remote_address": "192.0.2.1"}, {"generic_key": "site"})
    assert answer.overall_code == OK, answer
    address, site = answer.statuses
    assert (address.code, address.limit_remaining) == (OK, 2), address
    limit = address.current_limit
    assert (limit.name, limit.requests_per_unit, limit.unit) == ("per_address", 3, HOUR), limit
    assert 0 < address.duration_until_reset.seconds <= 20 * 60, address
    limit = site.current_limit
    assert (limit.name, limit.requests_per_unit) == ("per_site", 1), limit
    assert not answer.response_headers_to_add, answer


def over_the_limit_it_says_how_long(gateway: Gateway) -> None:
    for _ in range(3):
        assert gateway.ask({"remote_address": "192.0.2.2"}).overall_code == OK
    answer = gateway.ask({"remote_address": "192.0.2.2"})
    (status,) = answer.statuses
    assert answer.overall_code == status.code == OVER_LIMIT, answer
    assert status.limit_remaining == 0, status
    assert 0 < status.duration_until_reset.ToMilliseconds() <= 20 * 60 * 1000, status
    (header,) = answer.response_headers_to_add
    assert header.key == "retry-after" and 0 < int(header.value) <= 20 * 60, header


def all_are_charged_or_none(gateway: Gateway) -> None:
    spent, fresh = {"remote_address": "192.0.2.3"}, {"email": "a@example.org"}
    assert gateway.ask(spent, hits=3).overall_code == OK
    for _ in range(3):
        answer = gateway.ask(spent, fresh)
        codes = [status.code for status in answer.statuses]
        assert (answer.overall_code, codes) == (OVER_LIMIT, [OVER_LIMIT, OK]), answer
    assert gateway.ask(fresh).statuses[0].limit_remaining == 4


def hits_count_for_as_many(gateway: Gateway) -> None:
    answer = gateway.ask({"email": "b@example.org"}, hits=2)
    (status,) = answer.statuses
    assert status.limit_remaining == 3, status
    limit = status.current_limit
    assert (limit.name, limit.requests_per_unit, limit.unit) == ("per_email", 1, MINUTE), limit
    assert gateway.ask({"email": "B@Example.org"}, hits=4).overall_code == OVER_LIMIT


def an_ipv6_network_counts_as_one(gateway: Gateway) -> None:
    for host in range(3):
        assert gateway.ask({"remote_address": f"2001:db8::{host}"}).overall_code == OK
    assert gateway.ask({"remote_address": "2001:db8::3"}).overall_code == OVER_LIMIT
    assert gateway.ask({"remote_address": "2001:db8:1::3"}).overall_code == OK


def shadow_is_never_over_the_limit(gateway: Gateway) -> None:
    for _ in range(3):
        answer = gateway.ask({"page": "front"})
        assert answer.overall_code == OK, answer
    assert answer.statuses[0].limit_remaining == 0, answer


def what_no_quota_counts_is_let_through(gateway: Gateway) -> None:
    for descriptor in [{"path": "/comments"}, {"remote_address": "10.1.2.3"}, {"email": "?"}]:
        answer = gateway.ask(descriptor)
        assert answer.overall_code == OK, answer
        assert not answer.statuses[0].HasField("current_limit"), answer


def a_gateway_needs_the_sites_key(gateway: Gateway) -> None:
    page = {"page": "p"}
    for metadata in [[], [("authorization", "Bearer wrong")]]:
        error = gateway.failure(page, metadata=metadata)
        assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error
    error = gateway.failure(page, domain="times")
    assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
    assert "daily" in error.details(), error


def what_cannot_be_meant_is_refused_by_its_field(gateway: Gateway) -> None:
    for descriptors, field in [([], "descriptors: "), ([{}], "descriptors[0].entries: ")]:
        error = gateway.failure(*descriptors)
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
        assert error.details().startswith(field), error


CHECKS = [
    below_the_limit_it_says_what_is_left,
    over_the_limit_it_says_how_long,
    all_are_charged_or_none,
    hits_count_for_as_many,
    an_ipv6_network_counts_as_one,
    shadow_is_never_over_the_limit,
    what_no_quota_counts_is_let_through,
    a_gateway_needs_the_sites_key,
    what_cannot_be_meant_is_refused_by_its_field,
]


def main() -> None:
    gateway = Gateway(*sys.argv[1:3])
    for check in CHECKS:
        check(gateway)
        print(f"ok: {check.__name__}")


if __name__ == "__main__":
    main()
