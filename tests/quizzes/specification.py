"""The schema of QTI 2.1, for the elements that we use, as far as Pyslet quotes it.

The schema files of the specification are in no package. But the classes of Pyslet quote from them
which attributes and which children an element has, in which order, in their docstrings. Here are
only what joins the quotations: the list of elements, their simple types, and what may stand where
the specification names a whole family of elements.
"""

import importlib
import re
import warnings

from lxml import etree

MODULES = [
    "content",
    "core",
    "interactions",
    "items",
    "processing",
    "expressions",
    "tests",
    "variables",
]
QUOTED = re.compile(r'<xsd:(group|attributeGroup) name="([\w.]+)"\s*>.*?</xsd:\1>', re.DOTALL)

# An element to the one whose attributes it has; in the specification it inherits them.
ELEMENTS = {
    "assessmentItem": "assessmentItem",
    "responseDeclaration": "variableDeclaration",
    "correctResponse": "defaultValue",
    "outcomeDeclaration": "outcomeDeclaration",
    "defaultValue": "defaultValue",
    "itemBody": "itemBody",
    "choiceInteraction": "choiceInteraction",
    "simpleChoice": "choice",
    "responseProcessing": "responseProcessing",
    "responseCondition": "",
    "responseIf": "",
    "match": "",
    "multiple": "",
    "setOutcomeValue": "setOutcomeValue",
    "modalFeedback": "modalFeedback",
    "assessmentTest": "assessmentTest",
    "testPart": "testPart",
    "assessmentSection": "assessmentSection",
    "assessmentItemRef": "assessmentItemRef",
    "variable": "variable",
}
MIXED = {"simpleChoice", "modalFeedback"}
FAMILIES = {
    "block": ["div", "p", "choiceInteraction"],
    "flowStatic": ["div", "p", "code", "em", "strong"],
    "expression": ["match", "multiple", "variable", "baseValue"],
    "responseRule": ["responseCondition", "setOutcomeValue"],
    "sectionPart": ["assessmentSection", "assessmentItemRef"],
    "lookupTable": ["matchTable"],
}
HTML = ["div", "p", "code", "em", "strong"]
TYPES = {
    **{"string": "string", "boolean": "boolean", "integer": "integer", "float": "double"},
    **{"identifier": "NCName", "uri": "anyURI", "string256": "string", "styleclass": "NMTOKEN"},
    "view": "NMTOKEN",
    "cardinality": ["single", "multiple", "ordered", "record"],
    "baseType": ["identifier", "boolean", "integer", "float", "string"],
    "navigationMode": ["linear", "nonlinear"],
    "submissionMode": ["individual", "simultaneous"],
    "showHide": ["show", "hide"],
}
# The few that Pyslet does not quote.
OURS = """
<xsd:group name="correctResponse.ContentGroup"><xsd:sequence>
  <xsd:element ref="value" maxOccurs="unbounded"/></xsd:sequence></xsd:group>
<xsd:attributeGroup name="blockInteraction.AttrGroup">
  <xsd:attributeGroup ref="interaction.AttrGroup"/></xsd:attributeGroup>
<xsd:element name="itemSessionControl"><xsd:complexType>
  <xsd:attribute name="maxAttempts" type="integer.Type"/>
  <xsd:attribute name="showFeedback" type="boolean.Type"/></xsd:complexType></xsd:element>
"""


def quotations():
    """Each group that a class of Pyslet quotes, by its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        modules = [importlib.import_module(f"pyslet.qtiv2.{name}") for name in MODULES]
    words = [getattr(thing, "__doc__", "") or "" for m in modules for thing in vars(m).values()]
    return {found[2]: found[0] for text in words for found in QUOTED.finditer(text)}


def needed(quoted):
    """The groups that the elements need, and those that these need in turn."""
    names = {f"{name}.ContentGroup" for name in ELEMENTS}
    names |= {f"{name}.AttrGroup" for name in [*ELEMENTS.values(), "baseValue", "value"]}
    names |= {"interaction.AttrGroup"}
    while True:
        inside = "".join(quoted.get(name, "") for name in names)
        more = names | set(re.findall(r'roup ref="([\w.]+)"', inside))
        if more == names:
            return {name: quoted[name] for name in names if name in quoted}
        names = more


def simple(name, base):
    values = "".join(f'<xsd:enumeration value="{v}"/>' for v in base if isinstance(base, list))
    of = "xsd:string" if values else f"xsd:{base}"
    inside = f'<xsd:restriction base="{of}">{values}</xsd:restriction>'
    return f'<xsd:simpleType name="{name}.Type">{inside}</xsd:simpleType>'


def family(name, members):
    choices = "".join(f'<xsd:element ref="{member}"/>' for member in members)
    inside = f"<xsd:choice>{choices}</xsd:choice>"
    return f'<xsd:group name="{name}.ElementGroup">{inside}</xsd:group>'


def element(name, inside="", *, mixed=False):
    inside = f'<xsd:complexType mixed="{str(mixed).lower()}">{inside}</xsd:complexType>'
    return f'<xsd:element name="{name}">{inside}</xsd:element>'


def schema():
    groups = needed(quotations())
    parts = [*groups.values(), OURS]
    parts += [simple(name, base) for name, base in TYPES.items()]
    parts += [family(name, members) for name, members in FAMILIES.items()]
    for name, attributes in ELEMENTS.items():
        content = f"{name}.ContentGroup"
        inside = f'<xsd:group ref="{content}"/>' if content in "".join(parts) else ""
        inside += f'<xsd:attributeGroup ref="{attributes}.AttrGroup"/>' if attributes else ""
        parts.append(element(name, inside, mixed=name in MIXED))
    flow = '<xsd:group ref="flowStatic.ElementGroup" minOccurs="0" maxOccurs="unbounded"/>'
    parts += [element(name, flow, mixed=True) for name in HTML]
    for name in ("baseValue", "value"):
        inside = f'<xsd:attributeGroup ref="{name}.AttrGroup"/>'
        inside = f'<xsd:extension base="xsd:string">{inside}</xsd:extension>'
        parts.append(element(name, f"<xsd:simpleContent>{inside}</xsd:simpleContent>"))
    text = "".join(parts).replace('<xsd:attribute ref="xml:lang"/>', "")
    # What may stand there and never does in a quiz is known, and can be nothing but empty.
    known = set(re.findall(r'element name="(\w+)"', text))
    named = set(re.findall(r'element ref="(\w+)"', text))
    text += "".join(map(element, named - known))
    ours = "http://www.imsglobal.org/xsd/imsqti_v2p1"
    opening = f'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="{ours}"'
    opening += f' targetNamespace="{ours}" elementFormDefault="qualified"'
    return etree.XMLSchema(etree.XML(f"<xsd:schema {opening}>{text}</xsd:schema>"))
