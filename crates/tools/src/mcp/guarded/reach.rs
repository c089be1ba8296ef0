//! Which addresses one client may reach, and the resolver that holds it.
//!
//! ```text
//! configured URL --literal or localhost--> reach is known        https://10.0.0.5/mcp, http://localhost:3000/mcp
//!                --name----------------> the first answer says    later ones must be of the same kind
//! any other name -----------------------> what the reach admits   public always, private only beside a private server
//! ```
//! The answer that is judged is the one that is connected to: there is no second question in between, so a name
//! that changes its mind changes nothing. Tests: `tests/reaching.rs`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::limits;
use gate::Later;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use super::address::{Class, class};
use super::problem::Why;

/// Asks for the addresses of a name: the seam at which tests lie about names.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of this name.
    fn lookup(&self, name: String) -> Later<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of this machine.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Lookup for System {
    fn lookup(&self, name: String) -> Later<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// How far a client reaches. Public addresses are reached always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    Private,
    Loopback,
}

/// Judges URLs and names for one configured server.
pub(super) struct Border {
    /// The configured host, if its kind is to be seen.
    host: Option<String>,
    // INVARIANT (first sight): set once, never changed.
    reach: Mutex<Option<Reach>>,
    lookup: Arc<dyn Lookup>,
}

impl Border {
    /// The border of what an operator configured.
    pub(super) fn new(configured: &Url, lookup: Arc<dyn Lookup>) -> Result<Self, Why> {
        let host = configured.host().ok_or(Why::Form)?;
        let (host, reach) = match literal(&host) {
            Some(class) => (None, Some(reach_of(class)?)),
            None => (configured.host_str().map(bare), None),
        };
        let border = Self { host, reach: Mutex::new(reach), lookup };
        border.check(configured)?;
        Ok(border)
    }

    /// Refuses a URL for what it is, before any name is asked for.
    pub(super) fn check(&self, url: &Url) -> Result<(), Why> {
        if url.as_str().len() > limits::HTTP_URL_BYTES_MAX {
            return Err(Why::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Why::UserInfo);
        }
        let host = url.host().ok_or(Why::Form)?;
        let reach = *self.seen();
        let class = literal(&host);
        let plain = reach == Some(Reach::Loopback) && class == Some(Class::Loopback);
        match url.scheme() {
            "https" => {}
            "http" if plain => {}
            _ => return Err(Why::Scheme),
        }
        class.map_or(Ok(()), |class| admitted(reach, class))
    }

    /// The addresses of a name, if it may be reached.
    async fn resolve(&self, name: String) -> Result<Vec<IpAddr>, Refusal> {
        let name = bare(&name);
        if is_localhost(&name) {
            admitted(*self.seen(), Class::Loopback)?;
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let found = self.lookup.lookup(name.clone()).await?;
        let class = common(&found)?;
        self.judge(&name, class)?;
        Ok(found)
    }

    fn judge(&self, name: &str, class: Class) -> Result<(), Why> {
        let mut seen = self.seen();
        if self.host.as_deref() != Some(name) {
            return admitted(*seen, class);
        }
        // A name never stands for this machine: whoever means it writes `localhost` or its address.
        let now = match class {
            Class::Public => Reach::Public,
            Class::Private => Reach::Private,
            Class::Loopback | Class::Never(_) => return Err(Why::Place { place: place(class) }),
        };
        match *seen {
            None => *seen = Some(now),
            Some(before) if before == now => {}
            Some(_) => return Err(Why::Moved { place: place(class) }),
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Option<Reach>> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Border {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Border").field("host", &self.host).field("reach", &*self.seen()).finish()
    }
}

enum Refusal {
    Barred(Why),
    Unknown(io::Error),
}

impl From<Why> for Refusal {
    fn from(why: Why) -> Self {
        Self::Barred(why)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Unknown(error)
    }
}

/// The border as the HTTP client's resolver.
#[derive(Debug, Clone)]
pub(super) struct Names(pub(super) Arc<Border>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let border = Arc::clone(&self.0);
        Box::pin(async move {
            let found = border.resolve(name.as_str().to_owned()).await;
            let found = found.map_err(|refusal| -> Box<dyn std::error::Error + Send + Sync> {
                match refusal {
                    Refusal::Barred(why) => Box::new(why),
                    Refusal::Unknown(error) => Box::new(error),
                }
            })?;
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// The class of a host that needs no question.
fn literal(host: &Host<&str>) -> Option<Class> {
    match host {
        Host::Ipv4(address) => Some(class((*address).into())),
        Host::Ipv6(address) => Some(class((*address).into())),
        Host::Domain(name) => is_localhost(&bare(name)).then_some(Class::Loopback),
    }
}

/// RFC 6761, section 6.3: these names mean this machine, whatever a resolver says.
fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn reach_of(class: Class) -> Result<Reach, Why> {
    match class {
        Class::Public => Ok(Reach::Public),
        Class::Private => Ok(Reach::Private),
        Class::Loopback => Ok(Reach::Loopback),
        Class::Never(place) => Err(Why::Place { place }),
    }
}

fn admitted(reach: Option<Reach>, class: Class) -> Result<(), Why> {
    match (reach, class) {
        (_, Class::Public)
        | (Some(Reach::Private), Class::Private)
        | (Some(Reach::Loopback), Class::Loopback) => Ok(()),
        (
            None | Some(Reach::Public | Reach::Private | Reach::Loopback),
            Class::Private | Class::Loopback | Class::Never(_),
        ) => Err(Why::Place { place: place(class) }),
    }
}

fn place(class: Class) -> &'static str {
    match class {
        Class::Public => "a public address",
        Class::Private => "an address of the own network",
        Class::Loopback => "this machine",
        Class::Never(place) => place,
    }
}

/// The one class of all addresses of a name.
fn common(found: &[IpAddr]) -> Result<Class, Refusal> {
    if found.len() > limits::HTTP_ADDRESSES_MAX {
        return Err(io::Error::other("the name has too many addresses").into());
    }
    let mut classes = found.iter().map(|address| class(*address));
    let first = classes.next().ok_or_else(|| io::Error::other("the name has no address"))?;
    for class in classes {
        if let Class::Never(_) = class {
            return Ok(class);
        }
        if class != first {
            return Err(Why::Mixed.into());
        }
    }
    Ok(first)
}
