// The XML Schema of a UserMaintenance document (XSD 1.0), and the check of one block against it. A block is checked by itself, so
// that a file of any size needs the memory of one block.

import { XmlDocument, XmlLibError, XsdValidator } from 'libxml2-wasm';
import { type Fault, fault } from '../../../directory/faults.ts';
import { ROOT_NAME } from './block-reader.ts';

/**
 * The structure of a block. The directory and the error codes of the format check values, so the schema accepts any text. Elements
 * can come in any order, and all of them are optional.
 */
export const USER_MAINTENANCE_XSD = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="unqualified">
  <xs:element name="UserMaintenance">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="User" type="User" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:anyAttribute namespace="##any" processContents="lax"/>
    </xs:complexType>
  </xs:element>

  <xs:complexType name="User">
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="UserId" type="xs:string" nillable="true"/>
      <xs:element name="UserName" type="xs:string" nillable="true"/>
      <xs:element name="RetailLocationId" type="xs:string" nillable="true"/>
      <xs:element name="Email" type="xs:string" nillable="true"/>
      <xs:element name="LanguageCode" type="xs:string" nillable="true"/>
      <xs:element name="CountryCode" type="xs:string" nillable="true"/>
      <xs:element name="ManagerUserId" type="xs:string" nillable="true"/>
      <xs:element name="ManagerFlag" type="Flag" nillable="true"/>
      <xs:element name="UserRole">
        <xs:complexType>
          <xs:attribute name="RoleCode" type="Name" use="required"/>
          <xs:attribute name="Action" type="LinkAction" use="required"/>
        </xs:complexType>
      </xs:element>
      <xs:element name="UserOrganization">
        <xs:complexType>
          <xs:attribute name="UserOrganizationName" type="Name" use="required"/>
          <xs:attribute name="Action" type="LinkAction" use="required"/>
        </xs:complexType>
      </xs:element>
    </xs:choice>
    <xs:attribute name="Action" type="UserAction"/>
    <xs:anyAttribute namespace="##other" processContents="lax"/>
  </xs:complexType>

  <xs:simpleType name="UserAction">
    <xs:restriction base="xs:token">
      <xs:enumeration value="Add"/>
      <xs:enumeration value="Update"/>
    </xs:restriction>
  </xs:simpleType>

  <xs:simpleType name="LinkAction">
    <xs:restriction base="xs:token">
      <xs:enumeration value="Add"/>
      <xs:enumeration value="Delete"/>
    </xs:restriction>
  </xs:simpleType>

  <xs:simpleType name="Name">
    <xs:restriction base="xs:token">
      <xs:minLength value="1"/>
    </xs:restriction>
  </xs:simpleType>

  <xs:simpleType name="Flag">
    <xs:union memberTypes="xs:boolean Nothing"/>
  </xs:simpleType>

  <xs:simpleType name="Nothing">
    <xs:restriction base="xs:token">
      <xs:maxLength value="0"/>
    </xs:restriction>
  </xs:simpleType>
</xs:schema>
`;

const FAULTS_MAX = 20;
const RULE_CHARS_MAX = 300;

export interface BlockSchema {
  /**
   * The violations of the schema in a block: invalidValue, at most 20, in the order of the block.
   * @param rootTag the start tag of the file's root, whose namespaces the block may use
   */
  faults(blockText: string, rootTag: string): Fault[];
}

/** Compiles the schema. Call it once per process, because its memory is never released. */
export function createBlockSchema(): BlockSchema {
  const validator = XsdValidator.fromDoc(XmlDocument.fromString(USER_MAINTENANCE_XSD));
  return {
    faults(blockText, rootTag) {
      try {
        const document = XmlDocument.fromString(`<${ROOT_NAME}${namespacesIn(rootTag)}>${blockText}</${ROOT_NAME}>`);
        try {
          validator.validate(document);
        } finally {
          document.dispose();
        }
        return [];
      } catch (error) {
        if (!(error instanceof XmlLibError)) throw error;
        const details = error.details.length > 0 ? error.details : [{ message: error.message, xpath: undefined }];
        return details.slice(0, FAULTS_MAX).map(({ message, xpath }) => {
          const at = xpath?.replace(`/${ROOT_NAME}/`, '') ?? 'User';
          return fault('invalidValue', at, { rule: ruleOf(message).slice(0, RULE_CHARS_MAX) });
        });
      }
    },
  };
}

/** The namespace declarations of a start tag. Its other attributes, such as a schema location, are not for the validator. */
function namespacesIn(startTag: string): string {
  return (startTag.match(/\sxmlns:[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*')/g) ?? []).join('');
}

/** The validator's messages, reworded for the person who wrote the file. */
const RULES: readonly [RegExp, (found: string[]) => string][] = [
  [
    /attribute '(.+?)': \[facet 'enumeration'\] The value '(.*)' is not an element of the set \{(.+)\}/s,
    ([name, value, set = '']) =>
      `the attribute ${name} is "${value}"; it must be ${set.replaceAll("', '", ' or ').replaceAll("'", '')}`,
  ],
  [/attribute '(.+?)': \[facet 'minLength'\]/, ([name]) => `the attribute ${name} is empty`],
  [/: The attribute '(.+?)' is required but missing/, ([name]) => `the attribute ${name} is missing`],
  [/: The attribute '(.+?)' is not allowed/, ([name]) => `the attribute ${name} is not allowed here`],
  [/^Element '(.+?)': This element is not expected/, ([name]) => `the element ${name} is not allowed here`],
  [/: '(.*)' is not a valid value of the union type 'Flag'/s, ([value]) => `"${value}" must be true or false`],
  [
    /: Character content is not allowed|: Character content other than whitespace is not allowed/,
    () => 'there is text between the elements',
  ],
  [/: Element content is not allowed/, () => 'an element is not allowed inside a text'],
];

function ruleOf(message: string): string {
  for (const [pattern, words] of RULES) {
    const found = pattern.exec(message);
    if (found) return words(found.slice(1));
  }
  return message.trim().replace(/\.$/, '');
}
