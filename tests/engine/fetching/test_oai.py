"""OAI-PMH against a repository written by others, and against answers that no sound repository gives."""

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine.fetching.oai import OaiFetcher
from potable.engine.fetching.oai.datestamps import Datestamps
from potable.engine.limits import Limits

oaipmh = pytest.importorskip("oaipmh.server", reason="the OAI-PMH repository is of the group test-engine")
common = pytest.importorskip("oaipmh.common", reason="as above")
error = pytest.importorskip("oaipmh.error", reason="as above")
metadata = pytest.importorskip("oaipmh.metadata", reason="as above")

FORMATS = [("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/")]
SETS = ["physics", "physics:hep", "biology", "empty"]


class Repository:
    """A repository of ``count`` records; every third is of biology, the numbers in ``deleted`` are deleted."""

    def __init__(self, count=25, deleted=(), sets=True):
        self.count, self.deleted, self.sets = count, deleted, sets

    def identify(self):
        return common.Identify(
            "Test", "http://127.0.0.1/oai", "2.0", ["a@example.org"], datetime(2020, 1, 1), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"],
        )  # fmt: skip

    def listMetadataFormats(self, identifier=None):  # noqa: N802 - the library's name
        return FORMATS

    def listSets(self):  # noqa: N802
        if not self.sets:
            raise error.NoSetHierarchyError("This repository has no sets.")
        return [(name, name.title(), None) for name in SETS]

    def listRecords(self, metadataPrefix, set=None, from_=None, until=None):  # noqa: N802, N803, A002
        if metadataPrefix != "oai_dc":
            raise error.CannotDisseminateFormatError(f"No format {metadataPrefix}.")
        if set is not None:
            self.listSets()
        return [
            self.record(n) for n in range(1, self.count + 1) if set in (None, "biology" if n % 3 == 0 else "physics")
        ]

    def record(self, n):
        spec = ["biology" if n % 3 == 0 else "physics"]
        header = common.Header(None, f"oai:test:{n}", datetime(2024, 1, 1, 0, 0, n % 60), spec, n in self.deleted)
        return header, common.Metadata(None, {"title": [f"Title & {n}"]}), None


@pytest.fixture
def repository(serve):
    """``repository(...)`` starts one; gives its server and the arguments of each request."""

    def start(batch=10, **members):
        registry = metadata.MetadataRegistry()
        registry.registerWriter("oai_dc", oaipmh.oai_dc_writer)
        server = oaipmh.Server(Repository(**members), registry, resumption_batch_size=batch)
        asked = []

        def handler(call):
            arguments = dict(parse_qsl(urlsplit(call.path).query))
            asked.append(dict(arguments))
            call.answer(server.handleRequest(arguments), Content_Type="text/xml; charset=utf-8")

        return serve(handler), asked

    return start


@pytest.fixture
def harvest(source, context, client):
    def harvest(url, into=None, limits=None, **parameters):
        lent = into or context(limits, http=client(**({"fetch_bytes": limits.fetch_bytes} if limits else {})))
        return OaiFetcher().fetch(source(url, method="OAI", **parameters), lent)

    return harvest


def document(body, head='<request verb="ListRecords">http://127.0.0.1/oai</request>'):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n'
        f"<responseDate>2026-01-01T00:00:00Z</responseDate>\n{head}\n{body}\n</OAI-PMH>"
    ).encode()


def page(numbers, token="", date="2024-01-01"):
    """A page of records, each on a line of its own from line 6 on."""
    records = [
        f"<record><header><identifier>oai:x:{n}</identifier><datestamp>{date}</datestamp></header></record>\n"
        for n in numbers
    ]
    return document(f"<ListRecords>\n{''.join(records)}{token}</ListRecords>")


def asked_of(call):
    return dict(parse_qsl(urlsplit(call.path).query))


def test_a_list_is_harvested_page_by_page(repository, harvest, pauses):
    server, asked = repository()
    snapshot = harvest(server.url("/oai"))
    assert [p.name for p in snapshot.parts] == ["records-0001.xml", "records-0002.xml", "records-0003.xml"]
    assert [p.path.read_bytes().count(b"<record>") for p in snapshot.parts] == [10, 10, 5]
    assert asked[0] == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    assert [set(a) for a in asked[1:]] == [{"verb", "resumptionToken"}] * 2
    assert snapshot.parts[0].url == server.url("/oai?verb=ListRecords&metadataPrefix=oai_dc")
    assert "resumptionToken=" in snapshot.parts[1].url
    assert pauses.seconds == [1, 1]
    assert snapshot.details == {"responses": 3, "deleted": 0}


def test_the_pause_is_the_definitions(repository, harvest, pauses):
    harvest(repository()[0].url("/oai"), sleepTimeSecs=7)
    assert pauses.seconds == [7, 7]


@pytest.mark.parametrize("given", ["biology, physics", ["biology", "physics"]])
def test_each_set_is_harvested(given, repository, harvest):
    server, asked = repository()
    snapshot = harvest(server.url("/oai"), allowedSetSpecs=given)
    names = ["biology-0001.xml", "physics-0002.xml", "physics-0003.xml"]
    assert [p.name for p in snapshot.parts] == names
    assert [p.path.read_bytes().count(b"<record>") for p in snapshot.parts] == [8, 10, 7]
    assert [a.get("set") for a in asked] == ["biology", "physics", None]


def test_a_url_that_has_the_verb_already(repository, harvest):
    server, asked = repository()
    harvest(server.url("/oai?verb=Identify&metadataPrefix=oai_dc&set=biology&until=2030-01-01"), sleepTimeSecs=0)
    assert asked[0] == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "biology", "until": "2030-01-01"}


def test_other_arguments_are_kept(serve, harvest):
    server = serve(lambda call: call.answer(page([1])))
    harvest(server.url("/oai?db=x&verb=Identify"))
    assert asked_of(server.calls[0]) == {"db": "x", "verb": "ListRecords", "metadataPrefix": "oai_dc"}


def test_deleted_records_are_told_one_by_one(repository, harvest, context, client):
    server, _ = repository(deleted={3, 14})
    into = context(http=client())
    snapshot = harvest(server.url("/oai"), into)
    assert [(o.code, o.key, o.location.file) for o in into.said] == [
        ("oai/deleted-records", "oai:test:3", "records-0001.xml"),
        ("oai/deleted-records", "oai:test:14", "records-0002.xml"),
    ]
    lines = snapshot.parts[0].path.read_text().splitlines()
    assert 'status="deleted"' in lines[into.said[0].location.line - 1]
    assert snapshot.details["deleted"] == 2


def test_a_sample_ends_the_harvest(repository, harvest, context, client):
    server, asked = repository(count=100, deleted={1})
    into = context(http=client(), wanted=10)
    assert len(harvest(server.url("/oai"), into).parts) == 2
    assert len(asked) == 2


def test_503_with_retry_after_is_waited_for(serve, harvest, pauses):
    def handler(call):
        if call.number == 2:
            return call.answer(b"busy", "503 Busy", Retry_After="30")
        return call.answer(page([call.number], "<resumptionToken>t</resumptionToken>" if call.number == 1 else ""))

    assert len(harvest(serve(handler).url("/oai"), sleepTimeSecs=0).parts) == 2
    assert pauses.seconds == [30]


# -- faults ----------------------------------------------------------------------------------------------------------


def test_an_unknown_prefix(repository, harvest, fault_of):
    server, asked = repository()
    found = fault_of(harvest, server.url("/oai"), metadataPrefix="oai-dc")
    assert found.code == "oai/unknown-prefix"
    assert found.hint == "Did you mean oai_dc? The repository has the metadata formats oai_dc."
    assert found.location.url == server.url("/oai?verb=ListRecords&metadataPrefix=oai-dc")
    assert [a["verb"] for a in asked] == ["ListRecords", "ListMetadataFormats"]


def test_an_unknown_set(repository, harvest, fault_of):
    found = fault_of(harvest, repository(batch=3)[0].url("/oai"), allowedSetSpecs=["biologie"])
    assert (found.code, found.message) == ("oai/unknown-set", "the repository has no set 'biologie'")
    hint = "Did you mean biology? The repository has the sets physics, physics:hep, biology, empty."
    assert found.hint == hint


def test_a_repository_without_sets(repository, harvest, fault_of):
    found = fault_of(harvest, repository(sets=False)[0].url("/oai"), allowedSetSpecs=["biology"])
    assert (found.code, "no sets at all" in found.message) == ("oai/unknown-set", True)


def test_an_empty_set_among_others_is_no_fault(repository, harvest, context, client):
    into = context(http=client())
    snapshot = harvest(repository()[0].url("/oai"), into, allowedSetSpecs=["empty", "biology"])
    assert ([p.name for p in snapshot.parts], into.said) == (["biology-0001.xml"], [])


def test_nothing_but_empty_sets(repository, harvest, fault_of):
    found = fault_of(harvest, repository()[0].url("/oai"), allowedSetSpecs=["empty"])
    assert (found.code, "noRecordsMatch" in found.message) == ("access/empty", True)


def test_an_empty_repository(repository, harvest, fault_of):
    assert fault_of(harvest, repository(count=0)[0].url("/oai")).code == "access/empty"


def test_a_refused_token(serve, harvest, fault_of):
    def handler(call):
        if "resumptionToken" in asked_of(call):
            return call.answer(document('<error code="badResumptionToken">It has <b>expired</b>.</error>'))
        return call.answer(page(range(5), "<resumptionToken>t&amp;1 %</resumptionToken>"))

    server = serve(handler)
    found = fault_of(harvest, server.url("/oai"))
    assert (found.code, found.location.file) == ("oai/bad-token", "records-0002.xml")
    assert found.message.startswith("after 5 records of the list the repository answers badResumptionToken: It has")
    assert asked_of(server.calls[1])["resumptionToken"] == "t&1 %"


def test_a_token_of_the_library_that_was_tampered_with(repository, serve, harvest, fault_of):
    """The library itself refuses a token that it can't decode."""
    sound, _ = repository()
    registry = metadata.MetadataRegistry()
    server = oaipmh.Server(Repository(), registry)

    def handler(call):
        if call.number == 1:
            return call.answer(page([1], "<resumptionToken>nonsense</resumptionToken>"))
        return call.answer(server.handleRequest(asked_of(call)))

    assert fault_of(harvest, serve(handler).url("/oai")).code == "oai/bad-token"
    assert sound.calls == []


@pytest.mark.parametrize("numbers", [[[1], [1]], [[1], [2], [1]], [[], []]], ids=["same", "circle", "empty"])
def test_tokens_that_lead_in_a_circle(numbers, serve, harvest, fault_of):
    def handler(call):
        at = (call.number - 1) % len(numbers)
        call.answer(page(numbers[at], f"<resumptionToken>t{at}</resumptionToken>"))

    server = serve(handler)
    found = fault_of(harvest, server.url("/oai"), sleepTimeSecs=0)
    assert (found.code, "in a circle" in found.message) == ("oai/bad-token", True)
    assert len(server.calls) <= len(numbers) + 1


def test_empty_pages_without_end(serve, harvest, fault_of):
    server = serve(lambda call: call.answer(page([], f"<resumptionToken>{call.number}</resumptionToken>")))
    found = fault_of(harvest, server.url("/oai"), sleepTimeSecs=0)
    assert (found.code, len(server.calls)) == ("oai/bad-token", 11)
    assert "one empty page to the next (11 in a row)" in found.message


def test_new_pages_without_end_stop_at_the_byte_cap(serve, harvest, fault_of):
    server = serve(lambda call: call.answer(page([call.number], f"<resumptionToken>{call.number}</resumptionToken>")))
    found = fault_of(harvest, server.url("/oai"), limits=Limits(fetch_bytes=20_000), sleepTimeSecs=0)
    assert found.code == "access/too-large"


def test_one_token_for_all_pages_is_allowed(serve, harvest):
    """Some repositories keep their place by themselves."""

    def handler(call):
        call.answer(page([call.number], "<resumptionToken>session</resumptionToken>" if call.number < 4 else ""))

    assert len(harvest(serve(handler).url("/oai"), sleepTimeSecs=0).parts) == 4


def test_a_list_that_ends_too_early(serve, harvest, context, client):
    def handler(call):
        token = "more" if call.number == 1 else ""
        call.answer(page([call.number], f'<resumptionToken completeListSize="5">{token}</resumptionToken>'))

    into = context(http=client())
    harvest(serve(handler).url("/oai"), into)
    (found,) = into.said
    assert (found.code, found.details) == ("oai/incomplete-list", {"announced": 5, "received": 2})
    assert found.message == "the list ended with 2 records where the repository announced 5"


@pytest.mark.parametrize("size", ["2", "1", "", "many", "9" * 40])
def test_sizes_that_say_nothing_wrong(size, serve, harvest, context, client):
    into = context(http=client())
    harvest(serve(lambda call: call.answer(page([1, 2], f'<resumptionToken completeListSize="{size}"/>'))).url(), into)
    assert into.said == []


def test_a_last_page_without_records_is_left_out(serve, harvest):
    def handler(call):
        call.answer(page([1], "<resumptionToken>t</resumptionToken>") if call.number == 1 else page([]))

    assert [p.name for p in harvest(serve(handler).url()).parts] == ["records-0001.xml"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (document('<error code="badVerb">Illegal verb</error>'), "the repository answers badVerb: Illegal verb"),
        (document("<Identify><repositoryName>x</repositoryName></Identify>"), "has no ListRecords: it has Identify"),
        (document(""), "has no ListRecords: it has no payload"),
        (b"<rss><channel/></rss>", "its root element is 'rss', not 'OAI-PMH'"),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/1.1/OAI_ListRecords"/>', "another protocol version"),
        (b"\n<ListRecords<", "it isn't well-formed XML (line 2, column 13: "),
        (b"<!-- -->", "it isn't well-formed XML (line 1, column "),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH/>', "it declares a document type"),
        (b"<!--" + b"x" * 5000 + b'--><!DOCTYPE OAI-PMH [<!ENTITY a "b">]><OAI-PMH>&a;</OAI-PMH>', "a document type"),
    ],
)  # fmt: skip
def test_answers_that_break_the_protocol(body, words, serve, harvest, fault_of):
    found = fault_of(harvest, serve(lambda call: call.answer(body)).url("/oai"))
    assert found.code == "oai/protocol-error"
    assert words in found.message
    assert found.location.file == "records-0001.xml"
    assert found.location.line == next((n for n in (1, 2) if f"line {n}" in words), None)


def test_a_bad_argument_that_nothing_explains(repository, serve, harvest, fault_of):
    def handler(call):
        if asked_of(call)["verb"] != "ListRecords":
            return call.answer(b"<nonsense/>")
        return call.answer(document('<error code="badArgument">No such argument</error>'))

    found = fault_of(harvest, serve(handler).url("/oai"), allowedSetSpecs="a")
    assert (found.code, found.message) == ("oai/protocol-error", "the repository answers badArgument: No such argument")


def test_a_web_page_instead(serve, harvest, fault_of):
    page = b"<!DOCTYPE html><html><title>Sign in</title><body><input type=password></body></html>"
    assert fault_of(harvest, serve(lambda call: call.answer(page)).url("/oai")).code == "access/media-type"


def test_an_error_in_the_middle_of_the_list(serve, harvest, fault_of):
    def handler(call):
        if call.number == 1:
            return call.answer(page([1], "<resumptionToken>t</resumptionToken>"))
        return call.answer(document('<error code="noRecordsMatch"/>'))

    found = fault_of(harvest, serve(handler).url("/oai"))
    assert found.code == "oai/protocol-error"
    assert found.message == "after 1 records of the list the repository answers noRecordsMatch"


def test_hostile_answers_are_refused_at_once(serve, harvest, fault_of):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE OAI-PMH [<!ENTITY l0 "ha">{laughs}]><OAI-PMH>&l11;</OAI-PMH>'.encode()
    assert fault_of(harvest, serve(lambda call: call.answer(body)).url()).code == "oai/protocol-error"


def test_nothing_that_an_answer_refers_to_is_read(serve, harvest, fault_of, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    other = serve(lambda call: call.answer(b"<!ENTITY x 'y'>"))
    for target in (secret.as_uri(), other.url("/x.dtd")):
        body = f'<!DOCTYPE OAI-PMH [<!ENTITY e SYSTEM "{target}">]><OAI-PMH>&e;</OAI-PMH>'.encode()
        found = fault_of(harvest, serve(lambda call, body=body: call.answer(body)).url())
        assert (found.code, "s3cr3t" in found.message) == ("oai/protocol-error", False)
    assert other.calls == []


# -- datestamps ------------------------------------------------------------------------------------------------------


def test_bad_datestamps_are_told_at_their_lines(serve, harvest, context, client):
    def record(n, datestamp):
        return f"<record><header><identifier>oai:x:{n}</identifier>{datestamp}</header></record>\n"

    stamps = ["<datestamp>2024-01-01</datestamp>", "<datestamp>2024-02-30</datestamp>", "", "<datestamp/>",
              "<datestamp>2024-01-01T00:00:00Z</datestamp>", "<datestamp>2026-01-02</datestamp>",
              "<datestamp>2026-01-01</datestamp>"]  # fmt: skip
    body = document("<ListRecords>\n" + "".join(map(record, range(7), stamps)) + "</ListRecords>")
    into = context(http=client())
    harvest(serve(lambda call: call.answer(body)).url(), into)
    assert [(o.code, o.key, o.location.line) for o in into.said] == [
        ("oai/datestamp", f"oai:x:{n}", 6 + n) for n in (1, 2, 3, 4, 5)
    ]
    assert {o.field for o in into.said} == {"$.record.header.datestamp.'_$'"}
    assert [o.value for o in into.said] == ["2024-02-30", "", "", "2024-01-01T00:00:00Z", "2026-01-02"]
    assert into.said[3].message == "oai:x:4: the datestamp is exact to the second, those before it to the day"
    assert into.said[4].message.endswith("lies in the future: the repository's time is 2026-01-01T00:00:00Z")


@pytest.mark.parametrize("now", ["", "now", "2026-13-01", "2026-01-01"])
def test_the_future_is_judged_by_a_valid_time_alone(now):
    fault = Datestamps().fault("2026-01-02", now)
    assert (fault is None) == (now != "2026-01-01")
