//! Canonical text of syntax trees: single blanks, groups in parentheses, values quoted where they need it.

use super::{Expr, ExprKind, Operand, OperandKind, Right, Value, quote, transform_name};

/// Canonical text of a condition. Bytes, because escapes can make values that are not UTF-8.
pub fn canonical(expr: &Expr) -> Vec<u8> {
    canonical_expanded(expr, &|_| None)
}

/// Canonical text with what `body` gives for a name in its place.
pub fn canonical_expanded<'e>(expr: &'e Expr, body: Body<'_, 'e>) -> Vec<u8> {
    let mut out = Vec::new();
    print_expr(expr, body, &mut out);
    out
}

/// Gives the body of a macro.
type Body<'b, 'e> = &'b dyn Fn(&str) -> Option<&'e Expr>;

/// Canonical text of an operand.
pub fn canonical_operand(operand: &Operand) -> Vec<u8> {
    let mut out = Vec::new();
    print_operand(operand, &mut out);
    out
}

fn print_expr<'e>(expr: &'e Expr, body: Body<'_, 'e>, out: &mut Vec<u8>) {
    match &expr.kind {
        ExprKind::And(children) => print_group(" and ", children, body, out),
        ExprKind::Or(children) => print_group(" or ", children, body, out),
        ExprKind::Not(child) => {
            out.extend(b"not ");
            print_expr(child, body, out);
        }
        ExprKind::Identifier(name) => match body(name) {
            Some(expr) => print_expr(expr, body, out),
            None => out.extend(name.as_bytes()),
        },
        ExprKind::Check(check) => {
            print_operand(&check.left, out);
            out.push(b' ');
            out.extend(check.operator.text.as_bytes());
            if let Some(modifier) = &check.modifier {
                out.push(b' ');
                out.extend(modifier.text.as_bytes());
            }
            match &check.right {
                Right::None => {}
                Right::Value(value) => {
                    out.push(b' ');
                    out.extend(quote(&value.bytes));
                }
                Right::List { values, .. } => {
                    out.push(b' ');
                    print_values(values, out);
                }
                Right::Operand(operand) => {
                    out.push(b' ');
                    print_operand(operand, out);
                }
            }
        }
    }
}

fn print_group<'e>(separator: &str, children: &'e [Expr], body: Body<'_, 'e>, out: &mut Vec<u8>) {
    out.push(b'(');
    for (i, child) in children.iter().enumerate() {
        if i > 0 {
            out.extend(separator.as_bytes());
        }
        print_expr(child, body, out);
    }
    out.push(b')');
}

fn print_values(values: &[Value], out: &mut Vec<u8>) {
    out.push(b'(');
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            out.extend(b", ");
        }
        out.extend(quote(&value.bytes));
    }
    out.push(b')');
}

fn print_operand(operand: &Operand, out: &mut Vec<u8>) {
    match &operand.kind {
        OperandKind::Field { name, arg } => {
            out.extend(name.as_bytes());
            print_argument(arg.as_deref(), out);
        }
        OperandKind::Transform { transform, args, selector } => {
            out.extend(transform_name(*transform).as_bytes());
            print_operands(args, out);
            print_argument(selector.as_deref(), out);
        }
        OperandKind::Literal(text) => out.extend(quote(text)),
        OperandKind::List(items) => print_operands(items, out),
    }
}

fn print_operands(operands: &[Operand], out: &mut Vec<u8>) {
    out.push(b'(');
    for (i, operand) in operands.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        print_operand(operand, out);
    }
    out.push(b')');
}

fn print_argument(arg: Option<&[u8]>, out: &mut Vec<u8>) {
    match arg {
        None => {}
        Some([]) => out.extend(b"[\"\"]"),
        Some(arg) => {
            out.push(b'[');
            out.extend(quote(arg));
            out.push(b']');
        }
    }
}
