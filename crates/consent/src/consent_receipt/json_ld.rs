//! A consent receipt as JSON-LD 1.1, and back. Sections are those of DPV's guide to ISO/IEC TS 27560.

use super::{ConsentReceipt, Known, LedgerPlace, NOT_STATED, Party, Standing, WHOEVER, Withdrawal, terms};
use crate::grant::{FhirDate, Member, Name, Obligation, RecipientClass, Scope, Sensitivity, SignedGrant};
use crate::ids::derived_urn;
use crate::withdrawal::Preimage;
use crate::{Error, Result, encoding, time};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// HL7's code systems, for what DPV has no term as exact.
const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason#";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode#";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality#";

impl ConsentReceipt {
    /// The receipt as JSON-LD. It names no other document as its context, so nothing is fetched to read it.
    pub fn to_json_ld(&self) -> Value {
        let id = self.id();
        json!({
            "@context": context(self.known.stopping.is_some()),
            "@id": id,
            "@type": "dpv:ConsentReceipt",
            // 9.1.1 Schema Version.
            "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt",
            // 9.1.2 Record Identifier.
            "dct:identifier": id,
            "dpv:hasIdentifier": id,
            // 9.1.4 Creation Timestamp.
            "dct:created": time::instant(self.created),
            // 9.1.5 Additional Metadata: made by the patient, for the patient.
            "dct:publisher": self.urn("#patient"),
            "dct:audience": self.urn("#patient"),
            // 9.1.3 Associated Consent Record.
            "dpv:hasRecordOfActivity": self.record()
        })
    }

    /// Reads what [`ConsentReceipt::to_json_ld`] writes. The signature of the grant inside is checked, and the receipt is
    /// made again: so nothing in it says other than the grant does.
    ///
    /// # Errors
    /// [`Error::ConsentReceipt`] for any other form, and what [`ConsentReceipt::new`] refuses.
    pub fn read(value: &Value) -> Result<Self> {
        let receipt = Self::parts(value).ok_or(Error::ConsentReceipt)??;
        if receipt.to_json_ld() == *value { Ok(receipt) } else { Err(Error::ConsentReceipt) }
    }

    fn parts(value: &Value) -> Option<Result<Self>> {
        let record = value.get("dpv:hasRecordOfActivity")?;
        let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let name = |value: &Value, pointer: &str| text(value, pointer).and_then(|text| Name::new(&text).ok());
        let bytes = |value: &Value, pointer: &str| encoding::array_from_base64url::<32>(&text(value, pointer)?);
        let signed = text(record, "/dct:source/rdf:value")?;
        // A grant has a limit of its own; this one keeps what is decoded small.
        let signed = STANDARD.decode(signed.get(..signed.len().min(32 * 1024))?).ok()?;
        let entity = |suffix: &str| {
            let entities = record.get("dpv:hasEntity")?.as_array()?;
            entities.iter().find(|entity| text(entity, "/@id").is_some_and(|id| id.ends_with(suffix)))
        };
        let controller = entity("#controller").and_then(|entity| {
            Some(Party {
                name: name(entity, "/dpv:hasName")?,
                contact: name(entity, "/schema:contactPoint/schema:description"),
                address: name(entity, "/schema:address/schema:streetAddress"),
            })
        });
        let ledger = record.get("dct:provenance").and_then(|place| {
            Some(LedgerPlace {
                log: text(place, "/dct:source")?,
                index: place.get("carnet:index")?.as_u64()?,
                nonce: bytes(place, "/carnet:nonce")?,
            })
        });
        let statuses = record.get("dpv:hasConsentStatus")?.as_array()?;
        let withdrawn =
            statuses.iter().find(|status| text(status, "/@type").as_deref() == Some("dpv:ConsentWithdrawn"));
        let stopping = statuses.iter().find_map(|status| time::seconds(&text(status, "/carnet:withdrawalDecided")?));
        let withdrawn = withdrawn.and_then(|status| {
            Some(Withdrawal {
                at: time::seconds(&text(status, "/dpv:isIndicatedAtTime")?)?,
                preimage: Preimage::from_bytes(bytes(status, "/carnet:preimage")?),
            })
        });
        let country = text(record, "/dpv:hasJurisdiction/@id");
        let jurisdiction = country.and_then(|id| id.strip_prefix("loc:")?.as_bytes().try_into().ok());
        let signed = match SignedGrant::from_bytes(signed) {
            Ok(signed) => signed,
            Err(error) => return Some(Err(error)),
        };
        let known = Known {
            subject: name(record, "/dpv:hasDataSubject/dpv:hasName"),
            controller,
            relay: text(entity("#relay")?, "/schema:url")?,
            ledger,
            stopping,
            withdrawn,
            jurisdiction,
        };
        Some(Self::new(signed, known, time::seconds(&text(value, "/dct:created")?)?))
    }

    /// The receipt's own identifier: another for each state and time that one was made of.
    fn id(&self) -> String {
        let standing = match self.standing() {
            Standing::Given => 1,
            Standing::Expired => 2,
            Standing::Withdrawn => 3,
            Standing::Stopping => 4,
        };
        let mut bytes = self.signed.sha256().to_vec();
        bytes.extend_from_slice(&self.created.to_be_bytes());
        bytes.push(standing);
        derived_urn("carnet/consent-receipt\0", &bytes)
    }

    fn urn(&self, part: &str) -> String {
        format!("urn:carnet:grant:{}{part}", self.grant.id)
    }

    /// Section 8: the record of the grant.
    fn record(&self) -> Value {
        let grant = &self.grant;
        let mut record = json!({
            "@id": self.urn(""),
            "@type": "dpv:ConsentRecord",
            // 8.1.1 Schema Version.
            "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
            // 8.1.2 Record Identifier.
            "dct:identifier": grant.id.to_string(),
            "dpv:hasIdentifier": grant.id.to_string(),
            // 8.1.3 Data Subject: known by the key of this one grant.
            "dpv:hasDataSubject": self.subject(),
            // 8.1.4 Additional Metadata: when it was signed, and the signed grant.
            "dct:created": time::instant(grant.issued_at),
            "dct:source": {
                "@type": "carnet:SignedGrant",
                "dct:format": "application/cose",
                "dct:identifier": encoding::to_base64url(&self.signed.sha256()),
                "rdf:value": STANDARD.encode(self.signed.as_bytes())
            },
            // 8.2.1 Notice, 8.2.2 Notice Language.
            "dpv:hasNotice": {
                "@id": format!("urn:carnet:notice:{}", grant.notice.version),
                "@type": "dpv:ConsentNotice",
                "dct:hasVersion": grant.notice.version,
                "dct:language": grant.notice.language.as_str()
            },
            "dct:language": grant.notice.language.as_str(),
            // 8.3.1 Process.
            "dpv:hasProcess": self.process(),
            // 8.3.5 Data Controller(s); 8.4 tells who it is.
            "dpv:hasDataController": self.urn("#controller"),
            // 8.3.6 Legal Basis, 8.5.1 Consent Type.
            "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
            // 8.3.8 Consent Change & Withdrawal.
            "dpv:hasConsentControl": {
                "@type": "dpv:WithdrawConsent",
                "dpv:isExercisedAt": format!("{}{}", self.known.relay, crate::control::paths::WITHDRAWALS),
                "dct:description": "In the wallet that gave it, at any time; or with its printed withdrawal code"
            },
            // 8.3.9 Jurisdiction(s).
            "dpv:hasJurisdiction": match self.known.jurisdiction {
                Some(letters) => json!({"@id": format!("loc:{}", String::from_utf8_lossy(&letters))}),
                None => json!({"@type": "dpv:Location", "dct:description": "Not determined by the patient"}),
            },
            // 8.3.10 Rights.
            "dpv:hasRight": {
                "@type": "dpv:DataSubjectRight",
                "dct:title": "Right to withdraw consent",
                "dpv:isExercisedAt": format!("{}{}", self.known.relay, crate::control::paths::WITHDRAWALS)
            },
            // 8.4 Entity Fields.
            "dpv:hasEntity": self.entities(),
            // 8.5 Consent Event Fields.
            "dpv:hasConsentStatus": self.statuses()
        });
        if let Some(earlier) = &grant.supersedes {
            put(&mut record, "dct:replaces", json!({"dct:identifier": encoding::to_base64url(earlier)}));
        }
        if let Some(request) = &grant.request {
            let asked = json!({
                "dct:title": format!("Request by {}", request.by),
                "dct:identifier": encoding::to_base64url(&request.sha256)
            });
            put(&mut record, "dct:relation", asked);
        }
        if let Some(place) = &self.known.ledger {
            let place = json!({
                "@type": "dct:ProvenanceStatement",
                "dct:description": "The grant is committed to in a public log",
                "dct:source": place.log,
                "carnet:index": place.index,
                "carnet:nonce": encoding::to_base64url(&place.nonce),
                "carnet:policySha256": encoding::to_base64url(&grant.ledger.policy_sha256)
            });
            put(&mut record, "dct:provenance", place);
        }
        record
    }

    fn subject(&self) -> Value {
        let mut subject = json!({
            "@id": self.urn("#patient"),
            "@type": ["dpv:DataSubject", "dpv:Patient"],
            "dct:identifier": format!("urn:carnet:key:{}", encoding::to_base64url(&self.grant.key))
        });
        if let Some(name) = &self.known.subject {
            put(&mut subject, "dpv:hasName", json!(name.as_str()));
        }
        subject
    }

    fn process(&self) -> Value {
        let grant = &self.grant;
        let interval = format!("{}/{}", time::instant(grant.not_before), time::instant(grant.expires));
        let until = |seconds: i64| until_time(seconds);
        // 8.3.4.2 Storage Condition(s): encrypted at the relay until the end. What the recipient keeps it may have told
        // nobody; when it is to be erased is the patient's condition.
        let mut storage = vec![
            json!({"@type": "dpv:StorageLocation", "dpv:hasLocation": {
                "@type": "dpv:CloudLocation", "dct:title": self.known.relay, "dct:description": "Encrypted"
            }}),
            json!({"@type": "dpv:StorageLocation", "dpv:hasLocation": {
                "@type": "dpv:Location", "dct:description": NOT_STATED
            }}),
            json!({"@type": "dpv:StorageDuration", "dpv:hasDuration": until(grant.expires)}),
        ];
        storage.extend(
            grant.erase_by.map(|erase_by| json!({"@type": "dpv:StorageDeletion", "dpv:hasDuration": until(erase_by)})),
        );
        if grant.obligations.contains(Obligation::DeleteAfterUse) {
            let after_use = json!({"@type": "dpv:UntilEventDuration", "rdf:value": "End of use"});
            storage.push(json!({"@type": "dpv:StorageDeletion", "dpv:hasDuration": after_use}));
        }
        let processing: Vec<&str> = grant.how.access.iter().map(terms::processing).collect();
        let formats: Vec<&str> = grant.how.formats.iter().map(Member::as_str).collect();
        json!({
            "@type": "dpv:Process",
            "dct:temporal": interval,
            // 8.3.2 Purpose, with HL7's code.
            "dpv:hasPurpose": {
                "@type": "dpv:Purpose",
                "skos:broader": terms::purpose(grant.purpose),
                "dct:title": grant.purpose.display(),
                "dct:identifier": format!("{ACT_REASON}{}", grant.purpose.as_str())
            },
            // 8.3.3 Personal Data.
            "dpv:hasPersonalData": self.personal_data(),
            // 8.3.4 Processing Operations.
            "dpv:hasProcessing": processing,
            "dct:format": formats,
            // 8.3.4.1 Data Source(s).
            "dpv:hasDataSource": {"@type": "dpv:DataSubjectDataSource", "dct:description": "The patient's own copy"},
            "dpv:hasStorageCondition": storage,
            // 8.3.4.4 Geographic Restriction(s) has rules; so do the others here.
            "dpv:hasRule": self.rules(),
            // 8.3.7 Recipients.
            "dpv:hasRecipient": self.urn("#recipient")
        })
    }

    /// 8.3.3.1 Personal Data Type, 8.3.3.4 Sensitive and Special Category: health data is.
    fn personal_data(&self) -> Vec<Value> {
        let what = &self.grant.what;
        let of = |broader: &str, title: &str, since: Option<&FhirDate>| {
            let mut data = json!({
                "@type": ["dpv:PersonalData", "dpv:SensitivePersonalData"], "skos:broader": broader, "dct:title": title
            });
            let date = |date: Option<&FhirDate>| date.map_or("..", FhirDate::as_str).to_owned();
            if since.is_some() || what.until.is_some() {
                put(&mut data, "dct:temporal", json!(format!("{}/{}", date(since), date(what.until.as_ref()))));
            }
            if !what.codes.is_empty() {
                let codes: Vec<String> =
                    what.codes.iter().map(|code| format!("{}|{}", code.system, code.code)).collect();
                put(&mut data, "dct:subject", json!(codes));
            }
            data
        };
        let mut data = match &what.categories {
            None => vec![of("pd:HealthRecord", "all categories", what.earliest())],
            Some(categories) => {
                // Lasting records are given however old they are.
                let since = |category| what.since.as_ref().filter(|_| !Scope::LASTING.contains(&category));
                let each = |category| of(terms::personal_data(category), category.as_str(), since(category));
                categories.iter().map(each).collect()
            }
        };
        // 8.3.3.2 Personal Data Identifier.
        data.extend(what.pinned.iter().map(|record| {
            json!({
                "@type": ["dpv:PersonalData", "dpv:SensitivePersonalData"],
                "skos:broader": "pd:HealthRecord",
                "dct:title": "a record chosen by itself",
                "dct:identifier": encoding::to_base64url(record)
            })
        }));
        data
    }

    /// What the recipient is bound to, and what is left out by rule.
    fn rules(&self) -> Vec<Value> {
        let obligations = self.grant.obligations.iter().map(|obligation| {
            let (kind, title) = terms::rule(obligation);
            json!({"@type": kind, "dct:title": title, "dct:identifier": format!("{ACT_CODE}{}", obligation.as_str())})
        });
        let left_out = self.grant.what.leaves_out.iter().map(|label| {
            let system = if label == Sensitivity::Restricted { CONFIDENTIALITY } else { ACT_CODE };
            json!({
                "@type": "dpv:Prohibition",
                "dct:title": format!("Left out if there is any: {}", terms::sensitivity(label)),
                "dct:identifier": format!("{system}{}", label.as_str())
            })
        });
        obligations.chain(left_out).collect()
    }

    fn entities(&self) -> Vec<Value> {
        let recipient = &self.grant.recipient;
        let name = recipient.name.as_ref().map_or(WHOEVER, Name::as_str);
        let party = |id: &str, types: Value, name: &str, contact: Option<&Name>, address: Option<&Name>| {
            json!({
                "@id": self.urn(id),
                // 8.4.3 Role.
                "@type": types,
                // 8.4.1 Name, 8.4.2 Identifier.
                "dpv:hasName": name,
                "dpv:hasIdentifier": self.urn(id),
                // 8.4.4 Contact, 8.4.4.1 Postal Address.
                "schema:contactPoint": {
                    "@type": "schema:ContactPoint", "schema:description": contact.map_or(NOT_STATED, Name::as_str)
                },
                "schema:address": {
                    "@type": "schema:PostalAddress", "schema:streetAddress": address.map_or(NOT_STATED, Name::as_str)
                }
            })
        };
        let controller = self.known.controller.as_ref();
        let (contact, address) = controller.map_or((None, None), |c| (c.contact.as_ref(), c.address.as_ref()));
        let kind =
            if recipient.class == RecipientClass::Anyone { "dpv:Entity" } else { terms::entity(recipient.class) };
        let mut relay = party("#relay", json!(["dpv:DataProcessor"]), &self.known.relay, None, None);
        // 8.4.5 URL.
        put(&mut relay, "schema:url", json!(self.known.relay));
        vec![
            party("#controller", json!(["dpv:DataController"]), self.controller(), contact, address),
            party("#recipient", json!(["dpv:Recipient", kind]), name, None, None),
            relay,
        ]
    }

    fn statuses(&self) -> Vec<Value> {
        let grant = &self.grant;
        let mut durations = vec![until_time(grant.expires)];
        durations.extend(
            grant
                .max_openings
                .map(|most| json!({"@type": "dpv:FixedOccurrencesDuration", "rdf:value": most.to_string()})),
        );
        // 8.5.1 Consent Type, 8.5.2 Consent State, 8.5.3 Event Time, 8.5.4 Event Duration, 8.5.5 Expression by Entity,
        // 8.5.6 Expression Method.
        let mut statuses = vec![json!({
            "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedAtTime": time::instant(grant.issued_at),
            "dpv:hasDuration": durations,
            "dpv:isIndicatedBy": terms::granter(grant.granter),
            "dpv:hasIndicationMethod": "Signed with the grant's own key in the wallet"
        })];
        if let (Some(at), Some(given)) = (self.known.stopping, statuses.first_mut()) {
            // It is given until the ledger says otherwise: nobody else can know of what was decided.
            put(given, "carnet:withdrawalDecided", json!(time::instant(at)));
        }
        if let Some(withdrawal) = &self.known.withdrawn {
            statuses.push(json!({
                "@type": "dpv:ConsentWithdrawn",
                "dpv:isIndicatedAtTime": time::instant(withdrawal.at),
                "dpv:isIndicatedBy": terms::granter(grant.granter),
                "dpv:hasIndicationMethod": "Published in the ledger's list of withdrawals",
                "carnet:preimage": encoding::to_base64url(withdrawal.preimage.expose_bytes())
            }));
        } else if self.standing() == Standing::Expired {
            statuses.push(json!({
                "@type": "dpv:ConsentExpired", "dpv:isIndicatedAtTime": time::instant(grant.expires)
            }));
        }
        statuses
    }
}

fn until_time(seconds: i64) -> Value {
    json!({"@type": "dpv:UntilTimeDuration", "rdf:value": time::instant(seconds)})
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Section 3, Namespaces, and which members hold addresses and times rather than text.
/// The time of a decision is among them only where there is one, so that receipts without are what they always were.
fn context(stopping: bool) -> Value {
    let mut context = Map::new();
    for (prefix, iri) in [
        ("dpv", "https://w3id.org/dpv#"),
        ("pd", "https://w3id.org/dpv/pd#"),
        ("loc", "https://w3id.org/dpv/loc#"),
        ("sector-health", "https://w3id.org/dpv/sector/health#"),
        ("dct", "http://purl.org/dc/terms/"),
        ("schema", "https://schema.org/"),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
        ("carnet", "urn:carnet:receipt#"),
    ] {
        context.insert(prefix.to_owned(), json!(iri));
    }
    for name in [
        "dct:conformsTo",
        "dct:publisher",
        "dct:audience",
        "skos:broader",
        "dpv:hasDataController",
        "dpv:hasLegalBasis",
        "dpv:hasProcessing",
        "dpv:hasRecipient",
        "dpv:isExercisedAt",
        "dpv:isIndicatedBy",
        "schema:url",
    ] {
        context.insert(name.to_owned(), json!({"@type": "@id"}));
    }
    let decided = stopping.then_some("carnet:withdrawalDecided");
    for name in ["dct:created", "dpv:isIndicatedAtTime"].into_iter().chain(decided) {
        context.insert(name.to_owned(), json!({"@type": "xsd:dateTime"}));
    }
    Value::Object(context)
}
