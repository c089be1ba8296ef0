//! A map that forgets its oldest value when it is full.
//! For what can be read again from the store: keys in use, the last entries of calls.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, at most `capacity` of them.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
    capacity: usize,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    /// An empty one.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), capacity }
    }

    /// The value of a key, if it is remembered.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Sets the value of a key; forgets the key that came first if there are too many.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.values.remove(&oldest);
            }
        }
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.order.retain(|each| each != key);
        }
    }
}
