"""What the tools of people who moderate have in common: an API token beside the site's key, and how they are run."""

import sys

import grpc
from check import PATIENCE, Server


class Tool(Server):
    """The methods of `SERVICE` as whoever has `token` calls them; the site's calls go by its key."""

    SERVICE: str

    def __init__(self, address: str, key: str, token: str):
        super().__init__(address, key)
        self.token = [("authorization", f"Bearer {token}")]

    def call(self, method: str, /, metadata=None, **fields):
        request, call = self.method(self.SERVICE, method)
        return call(request(**fields), timeout=PATIENCE, metadata=metadata or self.token)

    def assert_reflected(self, *wanted: str) -> None:
        assert self.SERVICE in self.reflection.get_services()
        methods = {method.name for method in self.pool.FindServiceByName(self.SERVICE).methods}
        assert set(wanted) <= methods, methods

    def assert_closed_to_the_site(self, method: str, /, **fields) -> None:
        try:
            self.call(method, metadata=self.metadata, **fields)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
            assert "key of the site" in error.details(), error
            return
        raise AssertionError("expected the call to fail")


def run(tool: type[Tool], *checks) -> None:
    """Every check against the server that the command line names."""
    ours = tool(*sys.argv[1:4])
    for check in checks:
        check(ours)
        print(f"ok: {check.__name__}")
