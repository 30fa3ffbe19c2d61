//! The findings as cards.

use super::{FindingCard, FindingLabels, Findings, Maker};
use crate::report::language::Term;
use crate::report::model::{Finding, Severity};
use crate::report::text::Text;

/// The most findings that are shown as cards; the sections of the accounts hold the facts of the others.
const SHOWN: usize = 40;

impl Maker<'_> {
    pub(super) fn findings(&self) -> Findings {
        let findings = &self.report.findings;
        let hidden = findings.get(SHOWN..).unwrap_or_default();
        let by_severity: Vec<(Severity, u64)> = Severity::ALL
            .into_iter()
            .rev()
            .map(|severity| (severity, hidden.iter().filter(|one| one.severity == severity).count() as u64))
            .filter(|(_, count)| *count > 0)
            .collect();
        Findings {
            title: self.term(Term::NeedsAction),
            intro: self.words.findings(&self.report.verdict, findings.len() as u64),
            cards: findings.iter().take(SHOWN).map(|finding| self.card(finding)).collect(),
            more: (!hidden.is_empty()).then(|| self.words.more_findings(&by_severity)),
            labels: FindingLabels {
                why: self.term(Term::Why),
                next: self.term(Term::Next),
                account: self.term(Term::Account),
            },
        }
    }

    fn card(&self, finding: &Finding) -> FindingCard {
        let account = finding.account_id.as_deref().filter(|_| self.has_accounts());
        FindingCard {
            severity: finding.severity,
            label: self.words.severity(finding.severity).to_owned(),
            account: account.map(|id| Text::from(self.words.account(Some(id), self.account_name(id)))),
            happened: self.words.happened(&finding.fact, &self.report.subject),
            why: self.words.why(&finding.fact),
            next: self.words.next(&finding.fact),
            evidence: finding.evidence,
        }
    }

    /// Returns the name of an account in the settings.
    fn account_name(&self, id: &str) -> Option<&str> {
        let mut accounts = self.report.accounts.items.iter();
        accounts.find(|account| account.account_id.as_deref() == Some(id)).and_then(|account| account.name.as_deref())
    }
}
