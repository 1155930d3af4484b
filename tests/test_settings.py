"""Settings, accounts and keys: where they come from, and what is said when they do not fit."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from omniflash import AuthenticationFailed, Client, ConfigurationError, Data, Job, Mode, Pace, Provider, Site
from omniflash.accounts import resolve
from omniflash.config import Settings, load
from omniflash.discovery import adapter
from omniflash.drive.sandbox import running, sandbox
from omniflash_fal import Options
from tests.conftest import PNG
from tests.stage import Acme

SITE = {
    "url": "http://127.0.0.1:9",
    "hosts": {"fal": {"queue": "http://127.0.0.1:9/fal"}},
    "keys": {"fal": "sandbox:key"},
}


def written(text: str, name: str = "omniflash.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class TestFile:
    def test_there_need_be_none(self) -> None:
        assert load() == Settings()
        assert [account.provider for account in Settings().accounts()] == ["fal", "pixeldojo"]

    def test_everything_can_be_settled(self) -> None:
        written(
            """
            providers = ["eu", "pixeldojo"]
            policy = "ordered"
            country = "DE"
            strict_region = true
            on_unsupported = "drop"
            host_files = true
            timeout = 60

            [provider.eu]
            provider = "fal"
            key = "id:secret-of-eu"
            hosts = { queue = "https://eu.example" }
            options = { priority = "low", store_io = false }

            [provider.pixeldojo]
            credit_usd = 0.05
            requests_per_minute = 60
            """
        )
        client = Client()
        eu, dojo = client.accounts.values()
        assert (eu.name, eu.label, eu.adapter.name, eu.hosts["queue"]) == ("eu", "eu", "fal", "https://eu.example")
        assert (eu.key, eu.options) == ("id:secret-of-eu", Options(priority="low", store_io=False))
        assert (dojo.name, dojo.label, dojo.credit_usd, dojo.pace) == ("pixeldojo", None, Decimal("0.05"), Pace(60))
        plan = client.plan("A cat", seed=1)
        assert (plan.policy, plan.request.country) == ("ordered", "DE")
        assert [candidate.account for candidate in plan.candidates] == ["eu", "pixeldojo"]
        assert plan.candidates[0].dropped == {"seed"}
        picture = Data.of(PNG, "image/png")
        assert "goes through eu's storage" in str(client.plan("A cat", image=picture).candidates[1].notes)
        assert len(Client(host_files=False).plan("A cat", image=picture).candidates) == 1

    def test_the_users_own_folder_is_looked_into_after_the_current_one(self) -> None:
        home = written('policy = "ordered"', "config/omniflash/omniflash.toml")
        assert load().policy == "ordered"
        written('policy = "cheapest"')
        assert load().policy == "cheapest"
        assert load(home).policy == "ordered"

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("polciy = 'cheapest'", "did you mean 'policy'"),
            ("[provider.fal]\nkye = 'x'", "did you mean 'key'"),
            ("[provider]\nfal = 5", "is no table"),
            ("provider = 5", "provider"),
            ("policy = 5", "5 is no str"),
            ("strict_region = 'yes'", "'yes' is no bool"),
            ("host_files = 'fal'", "'fal' is no bool"),
            ("timeout = true", "True is no float"),
            ("[provider.pixeldojo]\ncredit_usd = 'much'", "'much' is no number"),
            ("[provider.fal]\nhosts = { queue = 'https://evil.example' }", "a key from elsewhere is not sent there"),
            ("policy = ", "cannot be read"),
            ("providers = 'fal'", "'fal' is no list"),
        ],
    )
    def test_what_is_wrong_in_it_is_told(self, text: str, told: str) -> None:
        written(text)
        with pytest.raises(ConfigurationError, match=r"omniflash\.toml") as caught:
            load()
        assert told in str(caught.value)

    def test_a_file_that_was_named_must_be_there(self) -> None:
        with pytest.raises(ConfigurationError, match="cannot be read"):
            Client(config_file="nowhere.toml")

    def test_bytes_that_are_no_text_are_told(self) -> None:
        Path("omniflash.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load()


class TestKeys:
    def key(self, provider: str, **more: Any) -> str | None:
        return resolve(Provider(provider, **more)).key

    def test_the_vendors_own_variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.key("fal") is None
        monkeypatch.setenv("FAL_KEY_ID", "the-id")
        assert self.key("fal") is None
        monkeypatch.setenv("FAL_KEY_SECRET", "the-secret")
        assert self.key("fal") == "the-id:the-secret"
        monkeypatch.setenv("FAL_KEY", "whole:key\n")
        assert self.key("fal") == "whole:key"
        assert self.key("fal", key="argument:key") == "argument:key"
        monkeypatch.setenv("PIXELDOJO_API_KEY", " pd_key ")
        assert self.key("pixeldojo") == "pd_key"

    @pytest.mark.parametrize("key", ["two words", "clé-secrète", "line\nbreak", "nul\0"])
    def test_a_key_that_cannot_be_one_is_told_without_showing_it(self, key: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            self.key("fal", key=key)
        assert key not in str(caught.value)

    def test_no_key_is_told_with_its_variables(self) -> None:
        client = Client("fal")
        with pytest.raises(AuthenticationFailed, match=r"FAL_KEY or FAL_KEY_ID and FAL_KEY_SECRET.*--sandbox"):
            client.generate("A cat")

    def test_a_look_at_a_job_needs_a_key_too(self) -> None:
        with pytest.raises(AuthenticationFailed, match="FAL_KEY"):
            Client("fal").status(Job("fal", "1.0", Mode.EDIT, "r1", "o1"))

    def test_the_cheapest_that_has_a_key_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY", "the-id:the-secret")
        plan = Client().plan("A cat", duration=10)
        assert [candidate.account for candidate in plan.candidates] == ["pixeldojo", "fal"]
        assert plan.best.account == "fal"

    def test_nothing_shows_a_key(self) -> None:
        provider = Provider("fal", key="the-id:the-secret", hosts={"queue": "https://user:pw@e.com/?token=x"})
        shown = f"{provider!r} {resolve(provider)!r} {Client(provider).accounts!r}"
        assert "the-secret" not in shown
        assert "pw" not in shown
        assert "token=x" not in shown


class TestProviders:
    @pytest.mark.parametrize(
        ("providers", "told"),
        [
            ("fall", "did you mean 'fal'"),
            ([], "no provider is set up"),
            (["fal", "fal"], "two accounts have one name"),
            (Provider("fal", hosts={"queu": "https://e.com"}), "did you mean 'queue'"),
            (Provider("fal", hosts={"queue": "ftp://e.com"}), "no http"),
            (Provider("fal", options={"priorty": "low"}), "did you mean 'priority'"),
            (Provider("fal", options={"priority": "highest"}), "this is not right"),
            (Provider("fal", options=5), "are a omniflash_fal"),
            (Provider("pixeldojo", options={"x": 1}), "no options of its own"),
        ],
    )
    def test_what_does_not_fit_is_told(self, providers: Any, told: str) -> None:
        with pytest.raises(ConfigurationError, match=told):
            Client(providers)

    @pytest.mark.parametrize(
        ("setting", "told"),
        [
            ({"policy": "cheepest"}, "did you mean 'cheapest'"),
            ({"on_unsupported": "dorp"}, "did you mean 'drop'"),
            ({"sandbox": {"url": 5}}, "no description of a sandbox"),
            ({"sandbox": SITE, "providers": "pixeldojo"}, "does not speak pixeldojo"),
        ],
    )
    def test_settings_that_are_none_are_told(self, setting: dict[str, Any], told: str) -> None:
        with pytest.raises(ConfigurationError, match=told):
            Client(**setting)

    def test_a_sandbox_brings_its_own_key_and_never_reads_yours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY", "the-id:the-secret")
        account = Client("fal", sandbox=SITE).accounts["fal"]
        assert (account.key, account.hosts["queue"], account.sandbox) == ("sandbox:key", "http://127.0.0.1:9/fal", True)
        assert "sandbox:key" not in repr(Site.of(SITE))

    def test_a_package_that_is_broken_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from importlib.metadata import EntryPoint

        broken = {"acme": EntryPoint("acme", "no_such_module:ADAPTER", "omniflash.providers")}
        monkeypatch.setattr("omniflash.discovery.installed", lambda group: broken)
        with pytest.raises(ConfigurationError, match=r"'acme' cannot be loaded.*no_such_module"):
            adapter("acme")


class TestSandboxes:
    def test_one_that_runs_is_asked_who_it_is(self, omniflash_sandbox: Any) -> None:
        with sandbox(omniflash_sandbox.url) as site:
            assert site == running(f"{omniflash_sandbox.url}/")
            assert site.url == omniflash_sandbox.url
            assert set(site.hosts) == {"fal", "pixeldojo"}

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1"])
    def test_one_that_does_not_is_told(self, url: str) -> None:
        with pytest.raises(ConfigurationError, match="no sandbox answers"):
            running(url)

    def test_none_installed_is_told_by_the_line_that_installs_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("omniflash.drive.sandbox.installed", lambda group: {})
        with pytest.raises(ConfigurationError, match=r"pip install 'omniflash\[sandbox\]'"), sandbox():
            pass

    def test_one_that_lacks_a_part_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from importlib.metadata import EntryPoint

        lacking = {"embedded": EntryPoint("embedded", "no_such_module:embedded", "omniflash.sandbox")}
        monkeypatch.setattr("omniflash.drive.sandbox.installed", lambda group: lacking)
        with pytest.raises(ConfigurationError, match=r"no_such_module.*pip install"), sandbox():
            pass


def test_an_adapter_itself_will_do_in_place_of_a_name() -> None:
    client = Client(Provider(Acme(), key="acme-key-1234"))
    assert client.accounts["acme"].adapter == Acme()
    assert client.plan("A cat").best.provider == "acme"


def test_a_callers_key_needs_a_ledger() -> None:
    with pytest.raises(ConfigurationError, match="needs a ledger"):
        Client(Provider("fal", key="the-id:the-secret")).generate("A cat", key="order-7")


class TestBlankKeys:
    def test_a_blank_key_beside_hosts_is_no_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY", "the-id:the-secret-half")
        written('[provider.fal]\nhosts = { queue = "https://evil.example" }\nkey = " "\n')
        with pytest.raises(ConfigurationError, match="hosts without a key"):
            Client("fal")

    def test_a_blank_key_is_not_replaced_by_the_environments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAL_KEY", "the-id:the-secret-half")
        for key in ("", " ", "\n"):
            with pytest.raises(ConfigurationError, match="blank"):
                Client(Provider("fal", key=key))

    def test_without_any_key_all_variables_are_named(self) -> None:
        client = Client()
        with pytest.raises(
            AuthenticationFailed, match=r"FAL_KEY or FAL_KEY_ID and FAL_KEY_SECRET or PIXELDOJO_API_KEY"
        ):
            client.submit(client.plan("A cat", duration=3))


@pytest.mark.parametrize("timeout", [-5, float("nan"), float("inf"), True, "8"])
def test_a_wait_of_no_length_is_told_before_anything_is_paid(timeout: Any) -> None:
    client = Client(Provider("fal", key="the-id:the-secret-half"), transport=object())
    with pytest.raises(ConfigurationError, match="timeout cannot be"):
        client.generate("A cat", timeout=timeout)
    with pytest.raises(ConfigurationError, match="timeout cannot be"):
        client.wait(Job("fal", "1.0", Mode.EDIT, "r1", "o"), timeout=timeout)


def test_a_job_is_not_looked_up_at_another_vendor_of_the_same_name() -> None:
    client = Client(Provider("pixeldojo", name="main", key="pd_key"))
    with pytest.raises(ConfigurationError, match="was made at fal"):
        client.status(Job("fal", "1.0", Mode.EDIT, "r1", "o", "main"))


@pytest.mark.parametrize(
    "line",
    [
        'credit_usd = "NaN"',
        "credit_usd = -5",
        "credit_usd = 1e-11",
        "credit_usd = 1e7",
        "requests_per_minute = 0",
        "requests_per_minute = -1",
    ],
)
def test_a_figure_that_cannot_be_is_told(line: str) -> None:
    written(f"[provider.pixeldojo]\n{line}\n")
    with pytest.raises(ConfigurationError, match="this is not right"):
        load()
