//! What a policy reads: every access to `context`, `principal` and `resource` in its clauses.
//!
//! A syntax tree goes in, the accesses come out. They decide what a request must carry (only what is read is
//! built), which policies wait for the plan, and which policies are refused at load. An access that cannot
//! be named attribute by attribute is reported as [`Reads::whole`], which load refuses for `context`, so
//! nothing hides behind an expression.

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, Var};

/// Where an access starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    Context,
    Principal,
    Resource,
}

/// How an attribute is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Touch {
    /// `context.a.b`
    Value,
    /// `context.a has b`
    Presence,
}

/// One access, such as `context.args.amount`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Access {
    pub(crate) root: Root,
    pub(crate) path: Vec<String>,
    pub(crate) touch: Touch,
}

/// All that some clauses read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reads {
    pub(crate) accesses: Vec<Access>,
    /// Variables used as a whole, such as `principal` in `principal == …`.
    pub(crate) whole: Vec<Root>,
    /// Whether `in` is used, so that ancestors matter.
    pub(crate) hierarchy: bool,
    /// Actions named in clauses, without their type.
    pub(crate) actions: Vec<String>,
}

impl Reads {
    /// What one clause reads.
    pub(crate) fn of(clause: &Clause) -> Self {
        let mut reads = Self::default();
        reads.walk(body(clause));
        reads.accesses.sort();
        reads.accesses.dedup();
        reads
    }

    /// Paths under one top-level attribute of the context, without that attribute.
    pub(crate) fn under<'a>(
        &'a self,
        attribute: &'a str,
    ) -> impl Iterator<Item = (&'a [String], Touch)> {
        self.accesses.iter().filter_map(move |access| {
            let (first, rest) = access.path.split_first()?;
            (access.root == Root::Context && first == attribute).then_some((rest, access.touch))
        })
    }

    /// Whether a top-level attribute of the context is read in any way.
    pub(crate) fn touches(&self, attribute: &str) -> bool {
        self.under(attribute).next().is_some()
    }

    /// Whether attributes of a variable are read.
    pub(crate) fn attributes_of(&self, root: Root) -> bool {
        self.accesses.iter().any(|access| access.root == root)
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.accesses.extend(other.accesses);
        self.accesses.sort();
        self.accesses.dedup();
        self.whole.extend(other.whole);
        self.actions.extend(other.actions);
        self.hierarchy |= other.hierarchy;
    }

    fn walk(&mut self, expression: &Expr) {
        if let Some((root, path)) = path_of(expression) {
            if path.is_empty() {
                self.whole.push(root);
            } else {
                self.accesses.push(Access { root, path, touch: Touch::Value });
            }
            return;
        }
        if let Expr::HasAttr { expr, attrs } = expression
            && let Some((root, mut path)) = path_of(expr)
        {
            for attribute in attrs {
                path.push(attribute.to_string());
                self.accesses.push(Access { root, path: path.clone(), touch: Touch::Presence });
            }
            return;
        }
        if let Expr::Literal(Literal::EntityUID(uid)) = expression
            && uid.ty.to_string() == "Action"
        {
            self.actions.push(uid.eid.to_string());
        }
        if let Expr::BinaryOp { op: BinaryOp::In, .. } | Expr::Is { in_expr: Some(_), .. } =
            expression
        {
            self.hierarchy = true;
        }
        // A kind of expression that this version does not know counts as reading everything, so that load
        // refuses it.
        let Some(children) = children(expression) else { return self.whole.push(Root::Context) };
        for child in children {
            self.walk(child);
        }
    }
}

/// The expression of a clause, without the word before it.
pub(crate) fn body(clause: &Clause) -> &Expr {
    match clause {
        Clause::When(expression) | Clause::Unless(expression) => expression,
    }
}

/// `context.a.b` as its root and `["a", "b"]`; none if it is anything else.
pub(crate) fn path_of(expression: &Expr) -> Option<(Root, Vec<String>)> {
    if let Expr::GetAttr { expr, attr } = expression {
        let (root, mut path) = path_of(expr)?;
        path.push(attr.to_string());
        return Some((root, path));
    }
    let Expr::Var(variable) = expression else { return None };
    let root = match variable {
        Var::Context => Root::Context,
        Var::Principal => Root::Principal,
        Var::Resource => Root::Resource,
        Var::Action => return None,
    };
    Some((root, Vec::new()))
}

/// The direct parts of an expression, in order; none for a kind that is not known here.
pub(crate) fn children(expression: &Expr) -> Option<Vec<&Expr>> {
    Some(match expression {
        Expr::Literal(_) | Expr::Var(_) => Vec::new(),
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. } => vec![&**expr],
        Expr::BinaryOp { left, right, .. } => vec![&**left, &**right],
        Expr::Is { expr, in_expr, .. } => {
            std::iter::once(&**expr).chain(in_expr.iter().map(|inner| &**inner)).collect()
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            vec![&**cond, &**then_expr, &**else_expr]
        }
        Expr::Set(items) => items.iter().map(|item| &**item).collect(),
        Expr::Record(fields) => fields.values().map(|field| &**field).collect(),
        Expr::Slot(_) | Expr::Unknown { .. } => return None,
        // Cedar may add kinds of expressions.
        _ => return None,
    })
}
