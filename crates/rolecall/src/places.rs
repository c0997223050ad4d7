//! Who may be connected: so many in all, a share of them from one address, and an anteroom for when there is no
//! place, where probes and the administration are heard and everybody else is told to come again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a server.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    anteroom: Arc<Semaphore>,
    share: usize,
    /// How many an address has: of all, and in the anteroom.
    held: Mutex<HashMap<IpAddr, [usize; 2]>>,
}

/// Where a connection is. It is free again when this is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    address: IpAddr,
    room: Room,
    _taken: OwnedSemaphorePermit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Served,
    Anteroom,
}

impl Places {
    /// Room for `most` connections, of which an address has at most `share`.
    pub(crate) fn new(most: usize, share: usize) -> Self {
        let (all, anteroom) = (Arc::new(Semaphore::new(most)), Arc::new(Semaphore::new(ANTEROOM)));
        Self { all, anteroom, share, held: Mutex::default() }
    }

    /// A place for whoever will be accepted next. While even the anteroom is full, newcomers wait in the kernel's
    /// queue and cost nothing here.
    pub(crate) async fn door(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.anteroom).acquire_owned().await.ok()
    }

    /// The place of a newcomer who came through the door; `None` when its address has all that one may have.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, door: OwnedSemaphorePermit) -> Option<Place> {
        let address = network(address);
        let served = Arc::clone(&self.all).try_acquire_owned().ok();
        if let Some(taken) = served.filter(|_| self.count(address, Room::Served)) {
            return Some(self.place(address, Room::Served, taken));
        }
        self.count(address, Room::Anteroom).then(|| self.place(address, Room::Anteroom, door))
    }

    fn place(self: &Arc<Self>, address: IpAddr, room: Room, taken: OwnedSemaphorePermit) -> Place {
        Place { places: Arc::clone(self), address, room, _taken: taken }
    }

    /// Counts one more of an address, unless it has its share.
    fn count(&self, address: IpAddr, room: Room) -> bool {
        let most = if room == Room::Served { self.share } else { ANTEROOM_SHARE };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let [served, waiting] = held.entry(address).or_default();
        let count = if room == Room::Served { served } else { waiting };
        let fits = *count < most;
        *count += usize::from(fits);
        fits
    }

    fn leave(&self, address: IpAddr, room: Room) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(mut entry) = held.entry(address) else { return };
        let [served, waiting] = entry.get_mut();
        let count = if room == Room::Served { &mut *served } else { &mut *waiting };
        *count = count.saturating_sub(1);
        if (*served, *waiting) == (0, 0) {
            entry.remove();
        }
    }
}

impl Place {
    /// True when all places were taken: only what cannot wait is heard.
    pub(crate) fn is_in_anteroom(&self) -> bool {
        self.room == Room::Anteroom
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.leave(self.address, self.room);
    }
}

/// What counts as one address: of IPv6, what one customer is usually given.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Connections that are heard although all places are taken.
const ANTEROOM: usize = 64;
/// Those of one address.
const ANTEROOM_SHARE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    async fn enter(places: &Arc<Places>, address: &str) -> Option<Place> {
        let door = places.door().await?;
        places.enter(address.parse().unwrap(), door)
    }

    #[tokio::test]
    async fn an_address_has_its_share_and_others_find_a_place() {
        let places = Arc::new(Places::new(4, 2));
        let mut held = Vec::new();
        for served in [true, true, false] {
            let place = enter(&places, "192.0.2.1").await.unwrap();
            assert_eq!(!place.is_in_anteroom(), served);
            held.push(place);
        }
        let other = enter(&places, "192.0.2.2").await.unwrap();
        assert!(!other.is_in_anteroom());
        held.remove(0);
        assert!(!enter(&places, "192.0.2.1").await.unwrap().is_in_anteroom(), "one has left");
    }

    #[tokio::test]
    async fn addresses_of_one_ipv6_network_share() {
        let places = Arc::new(Places::new(4, 1));
        let _first = enter(&places, "2001:db8:0:1::1").await.unwrap();
        assert!(enter(&places, "2001:db8:0:1:ffff::2").await.unwrap().is_in_anteroom());
        assert!(!enter(&places, "2001:db8:0:2::1").await.unwrap().is_in_anteroom());
    }

    #[tokio::test]
    async fn who_fills_the_anteroom_is_sent_away_and_leaves_room_for_others() {
        let places = Arc::new(Places::new(1, 1));
        let _served = enter(&places, "192.0.2.9").await.unwrap();
        let mut held = Vec::new();
        for _ in 0..ANTEROOM_SHARE {
            held.push(enter(&places, "192.0.2.1").await.unwrap());
        }
        assert!(enter(&places, "192.0.2.1").await.is_none());
        assert!(enter(&places, "192.0.2.2").await.unwrap().is_in_anteroom());
        drop(held);
        assert!(enter(&places, "192.0.2.1").await.is_some());
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_who_has_left() {
        let places = Arc::new(Places::new(1, 1));
        drop(enter(&places, "192.0.2.1").await);
        drop((enter(&places, "192.0.2.2").await, enter(&places, "192.0.2.2").await));
        assert!(places.held.lock().unwrap().is_empty());
        assert_eq!((places.all.available_permits(), places.anteroom.available_permits()), (1, ANTEROOM));
    }
}
