//! The functions of a file, with the lines they reach from the signature to the closing brace.
//!
//! In: a syntax tree. Out: free functions, methods and default methods of traits, named `Type::method` where they have
//! one; a function inside another counts for both. Closures belong to the function around them, and functions that
//! have no body are not there. The tests are in `source.rs` and `measures.rs`.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// `function` or `Type::method`.
    pub(crate) name: String,
    /// The line of the signature, from 1.
    pub(crate) first: usize,
    /// The line of the closing brace.
    pub(crate) last: usize,
}

/// Every function in the order of the text.
pub(crate) fn of(file: &syn::File) -> Vec<Function> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    finder.found
}

#[derive(Default)]
struct Finder {
    owner: Option<String>,
    found: Vec<Function>,
}

impl Finder {
    fn add(&mut self, signature: &syn::Signature, body: Span) {
        let name = match &self.owner {
            Some(owner) => format!("{owner}::{}", signature.ident),
            None => signature.ident.to_string(),
        };
        let first = signature.span().start().line;
        self.found.push(Function { name, first, last: body.end().line });
    }

    fn within(&mut self, owner: Option<String>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.owner, owner);
        visit(self);
        self.owner = outer;
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.within(None, |finder| {
            finder.add(&function.sig, function.block.span());
            visit::visit_item_fn(finder, function);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(type_name(&item.self_ty), |finder| visit::visit_item_impl(finder, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.within(Some(item.ident.to_string()), |finder| visit::visit_item_trait(finder, item));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, function.block.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body.span());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn type_name(of: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = of else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}
