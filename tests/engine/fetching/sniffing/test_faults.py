"""XML that is the message of an error, answered as if all were well; and documents that only look like one."""

import pytest

from potable.engine import Engine

SOAP = (
    '<?xml version="1.0"?>\n<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>{}'
    "</soap:Body></soap:Envelope>"
)
SOAP_FAULT = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Database\n down</faultstring></soap:Fault>"
OAI = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate>'
    "<request>http://x</request>{}</OAI-PMH>"
)
FAULTS = [
    (SOAP.format(SOAP_FAULT), "a SOAP fault where {} was promised: 'Database down'"),
    (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body><env:Fault><env:Reason>'
        '<env:Text xml:lang="en">No such query</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>',
        "a SOAP fault where {} was promised: 'No such query'",
    ),
    (
        OAI.format('<error code="badArgument">Bad date</error>'),
        "an error of an OAI-PMH repository where {} was promised: 'badArgument: Bad date'",
    ),
    (
        "<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message><Key>a.xml</Key></Error>",
        "a storage service's error where {} was promised: 'NoSuchKey: The key does not exist.'",
    ),
    (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception exceptionCode="None">'
        "<ows:ExceptionText>No layer</ows:ExceptionText></ows:Exception></ows:ExceptionReport>",
        "an exception of an OGC service where {} was promised: 'No layer'",
    ),
    (
        '<problem xmlns="urn:ietf:rfc:7807"><title>Too many requests</title><status>429</status></problem>',
        "a web service's error where {} was promised: 'Too many requests'",
    ),
]
DATA = [
    SOAP.format("<m:Stock xmlns:m='x'><m:Fault>none</m:Fault></m:Stock>"),
    OAI.format('<ListRecords><record><a code="x">error</a></record></ListRecords>'),
    "<Error><Code>7</Code><Text>x</Text></Error>",
    "<Errors><Error><Code>NoSuchKey</Code><Message>x</Message></Error></Errors>",
    "<problem><title>Two trains</title></problem>",
    "<Envelope><Body><Fault>x</Fault></Body></Envelope>",
    "<stocks><stock><error code='x'>y</error></stock></stocks>",
]


@pytest.mark.parametrize("method", ["XML", "CSV"])
@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_message_of_an_error_is_no_data(text, said, method, tmp_path):
    (tmp_path / "x").write_text(text)
    report = Engine(roots=[tmp_path]).check({"ingestMethod": method, "ingestURL": str(tmp_path / "x")})
    finding = next(f for f in report.findings if f.code != "definition/missing-parameter")
    assert (finding.code, finding.count, report.verdict) == ("access/media-type", 1, "inconclusive")
    sample = finding.samples[0]
    assert sample.message.endswith(f"x is {said.format(method)}")
    assert (sample.location.line, sample.location.byte) == (1, 0)
    assert finding.details == {"kind": "error", "announced": None}


@pytest.mark.parametrize("text", DATA)
def test_data_that_speak_of_errors_are_data(text, tmp_path):
    (tmp_path / "x.xml").write_text(text)
    report = Engine(roots=[tmp_path]).check(tmp_path / "x.xml")
    assert "access/media-type" not in {f.code for f in report.findings}


def test_an_empty_answer_of_a_repository_is_no_error(tmp_path):
    (tmp_path / "x.xml").write_text(OAI.format('<error code="noRecordsMatch">none</error>'))
    report = Engine(roots=[tmp_path]).check(tmp_path / "x.xml")
    assert "access/media-type" not in {f.code for f in report.findings}


def test_what_the_definition_names_is_wanted(tmp_path):
    (tmp_path / "x.xml").write_text(FAULTS[3][0])
    definition = {"ingestMethod": "XML", "ingestURL": str(tmp_path / "x.xml"), "topElement": "Error"}
    report = Engine(roots=[tmp_path]).check({**definition, "documentElement": "Key"})
    assert report.findings == ()
