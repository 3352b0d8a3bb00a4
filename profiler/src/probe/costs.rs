//! Costs of the evaluation at hand: what its checks did, and who used which value.

use replay::engine::Work;

use super::recording::{CheckWork, FieldWork, WORKS};
use crate::cost::{self, FieldClass};

/// Work and costs of one evaluation of a rule.
#[derive(Debug, Default)]
pub struct Costs {
    classes: Vec<FieldClass>,
    /// Work since a check or field was left.
    work: [u64; WORKS],
    /// Extractions since a check was left.
    extractions: Vec<(u16, FieldWork)>,
    /// The field that was left last and the cost of its extraction, until its slot is known.
    extracted: Option<(u16, u64)>,
    /// Values that were found in lists since a check was left.
    items: Vec<Box<[u8]>>,
    /// Values of this evaluation.
    values: Vec<ValueCost>,
    /// Checks that used values of this evaluation, and which of them.
    uses: Vec<(u32, usize)>,
    /// How many of them belong to checks that were left.
    assigned: usize,
    /// Sum of all costs of this evaluation.
    total: u64,
}

/// What a value of a rule cost when it was extracted.
#[derive(Clone, Copy, Debug)]
struct ValueCost {
    slot: u32,
    field: u16,
    cost: u64,
    users: u64,
}

impl Costs {
    /// `classes` are those of fields, by id.
    pub fn new(classes: Vec<FieldClass>) -> Self {
        Costs { classes, ..Costs::default() }
    }

    pub fn work(&mut self, work: Work, amount: u64) {
        self.work[work as usize] += amount;
    }

    pub fn item_found(&mut self, value: &[u8]) {
        self.items.push(value.into());
    }

    /// A field was extracted: returns the cost.
    pub fn leave_field(&mut self, field: u16) -> u64 {
        let class = self.classes.get(usize::from(field)).copied().unwrap_or(FieldClass::Event);
        let mut take = |work: Work| std::mem::take(&mut self.work[work as usize]);
        let (value_bytes, ancestor_steps) = (take(Work::ValueBytes), take(Work::AncestorStep));
        self.extractions.push((field, FieldWork { uses: 0, value_bytes, ancestor_steps }));
        let cost = cost::extraction(class, value_bytes, ancestor_steps);
        self.extracted = Some((field, cost));
        self.total += cost;
        cost
    }

    /// The check at hand uses a value.
    pub fn value_used(&mut self, slot: u32) {
        let known = self.values.iter().position(|value| value.slot == slot);
        let index = match (known, self.extracted.take()) {
            (Some(index), _) => index,
            (None, Some((field, cost))) => {
                self.values.push(ValueCost { slot, field, cost, users: 0 });
                self.values.len() - 1
            }
            // The engine tells of a value only after its extraction.
            (None, None) => return,
        };
        self.values[index].users += 1;
        self.uses.push((0, index));
    }

    /// A node was left: returns its own cost, without that of the fields it extracted.
    pub fn leave_node(&mut self, node: u32, sums: &mut CheckWork) -> u64 {
        let mut own = 0;
        for (work, sum) in Work::ALL.into_iter().zip(&mut sums.amounts) {
            let amount = std::mem::take(&mut self.work[work as usize]);
            own += cost::of_work(work) * amount;
            *sum += amount;
        }
        for (field, work) in self.extractions.drain(..) {
            let sum = sums.fields.entry(field).or_default();
            sum.value_bytes += work.value_bytes;
            sum.ancestor_steps += work.ancestor_steps;
        }
        for item in self.items.drain(..) {
            *sums.items.entry(item).or_default() += 1;
        }
        for (user, index) in &mut self.uses[self.assigned..] {
            *user = node;
            sums.fields.entry(self.values[*index].field).or_default().uses += 1;
        }
        self.assigned = self.uses.len();
        self.total += own;
        own
    }

    /// The rule was left: divides extractions among their users, and returns the cost of the evaluation.
    pub fn leave_rule(&mut self, sums: &mut [CheckWork]) -> u64 {
        for (node, index) in self.uses.drain(..) {
            let value = &mut self.values[index];
            // Who comes first pays what cannot be divided.
            let part = value.cost.div_ceil(value.users.max(1));
            value.cost -= part;
            value.users -= 1;
            if let Some(sum) = sums.get_mut(node as usize) {
                sum.shared_cost += part;
            }
        }
        self.assigned = 0;
        self.values.clear();
        cost::EVALUATION + std::mem::take(&mut self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_a_value_share_its_cost() {
        let mut costs = Costs::new(vec![FieldClass::Process, FieldClass::Descriptor]);
        let mut sums = vec![CheckWork::default(); 3];
        let name = cost::extraction(FieldClass::Process, 3, 0);
        let descriptor = cost::extraction(FieldClass::Descriptor, 0, 0);
        let check = cost::of_work(Work::Check);

        costs.work(Work::Check, 1);
        costs.work(Work::ValueBytes, 3);
        assert_eq!(costs.leave_field(0), name);
        costs.value_used(7);
        assert_eq!(costs.leave_node(0, &mut sums[0]), check);
        costs.work(Work::Check, 1);
        assert_eq!(costs.leave_field(1), descriptor);
        costs.value_used(2);
        costs.value_used(7);
        assert_eq!(costs.leave_node(1, &mut sums[1]), check);
        costs.work(Work::Check, 1);
        costs.value_used(7);
        assert_eq!(costs.leave_node(2, &mut sums[2]), check);
        assert_eq!(costs.leave_rule(&mut sums), cost::EVALUATION + 3 * check + name + descriptor);

        let shared: Vec<u64> = sums.iter().map(|sum| sum.shared_cost).collect();
        let part = name / 3;
        let (first, second) = (name - 2 * part - u64::from(name % 3 == 2), part + u64::from(name % 3 == 2));
        assert_eq!(shared, [first, second + descriptor, part]);
        assert_eq!(sums[0].fields[&0].value_bytes, 3);
        assert_eq!((sums[1].fields[&0].uses, sums[1].fields[&1].uses), (1, 1));
        assert_eq!(costs.leave_rule(&mut sums), cost::EVALUATION, "nothing is left of the evaluation before");
    }
}
