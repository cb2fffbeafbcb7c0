// The container behind the objects of `Json` (json_value.h): keeps the order in which keys came, as
// `nlohmann::ordered_map` does, but finds a key of a large object without looking at all of them.
// What clients send decides how many keys an object has, and a search for each of 300 000 would
// take minutes.

#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace langfuse_receiver {

// Has what `nlohmann::basic_json` needs of its `ObjectType`.
//
// Invariant: no two entries have equal keys. The index is empty, or holds the position of every
// entry by its key. A tree and no hash table: no choice of keys makes it slow.
template <typename Key, typename T, typename IgnoredLess = std::less<Key>,
          typename Allocator = std::allocator<std::pair<const Key, T>>>
class OrderedObject {
  using Entries = std::vector<std::pair<const Key, T>, Allocator>;

 public:
  using key_type = Key;
  using mapped_type = T;
  using value_type = std::pair<const Key, T>;
  using key_compare = std::equal_to<>;
  using allocator_type = Allocator;
  using size_type = typename Entries::size_type;
  using difference_type = typename Entries::difference_type;
  using reference = value_type&;
  using const_reference = const value_type&;
  using iterator = typename Entries::iterator;
  using const_iterator = typename Entries::const_iterator;

  OrderedObject() = default;
  template <typename Iterator>
  OrderedObject(Iterator first, Iterator last) {
    insert(first, last);
  }
  OrderedObject(std::initializer_list<value_type> entries) {
    insert(entries.begin(), entries.end());
  }
  ~OrderedObject() = default;
  OrderedObject(const OrderedObject& other) : entries_(other.entries_) {}
  OrderedObject(OrderedObject&& other) noexcept { swap(other); }
  OrderedObject& operator=(OrderedObject other) noexcept {
    swap(other);
    return *this;
  }

  void swap(OrderedObject& other) noexcept {
    entries_.swap(other.entries_);
    index_.swap(other.index_);
  }

  iterator begin() noexcept { return entries_.begin(); }
  iterator end() noexcept { return entries_.end(); }
  const_iterator begin() const noexcept { return entries_.begin(); }
  const_iterator end() const noexcept { return entries_.end(); }
  const_iterator cbegin() const noexcept { return entries_.cbegin(); }
  const_iterator cend() const noexcept { return entries_.cend(); }
  bool empty() const noexcept { return entries_.empty(); }
  size_type size() const noexcept { return entries_.size(); }
  size_type max_size() const noexcept { return entries_.max_size(); }

  void clear() noexcept {
    index_.reset();
    entries_.clear();
  }

  // Adds the entry at the end; if there is one of this key, leaves it as it is.
  template <typename AnyKey, typename... Value>
  std::pair<iterator, bool> emplace(AnyKey&& key, Value&&... value) {
    if (const size_type at = position(key); at != size()) {
      return {begin() + static_cast<difference_type>(at), false};
    }
    entries_.emplace_back(std::piecewise_construct,
                          std::forward_as_tuple(std::forward<AnyKey>(key)),
                          std::forward_as_tuple(std::forward<Value>(value)...));
    index_last();
    return {std::prev(end()), true};
  }

  std::pair<iterator, bool> insert(const value_type& entry) {
    return emplace(entry.first, entry.second);
  }
  std::pair<iterator, bool> insert(value_type&& entry) {
    return emplace(entry.first, std::move(entry.second));
  }
  template <typename Iterator>
  void insert(Iterator first, Iterator last) {
    for (; first != last; ++first) {
      insert(*first);
    }
  }

  template <typename AnyKey>
  T& operator[](AnyKey&& key) {
    return emplace(std::forward<AnyKey>(key)).first->second;
  }
  template <typename AnyKey>
  const T& operator[](const AnyKey& key) const {
    return at(key);
  }

  template <typename AnyKey>
  T& at(const AnyKey& key) {
    return const_cast<T&>(std::as_const(*this).at(key));
  }
  template <typename AnyKey>
  const T& at(const AnyKey& key) const {
    const const_iterator found = find(key);
    if (found == end()) {
      throw std::out_of_range("key not found");
    }
    return found->second;
  }

  template <typename AnyKey>
  iterator find(const AnyKey& key) {
    return begin() + static_cast<difference_type>(position(key));
  }
  template <typename AnyKey>
  const_iterator find(const AnyKey& key) const {
    return begin() + static_cast<difference_type>(position(key));
  }
  template <typename AnyKey>
  size_type count(const AnyKey& key) const {
    return position(key) == size() ? 0 : 1;
  }

  // Takes time in the number of entries, as the positions behind change.
  template <typename AnyKey,
            typename = std::enable_if_t<!std::is_convertible_v<AnyKey, const_iterator>>>
  size_type erase(const AnyKey& key) {
    const iterator found = find(key);
    if (found == end()) {
      return 0;
    }
    erase(found);
    return 1;
  }
  iterator erase(const_iterator at) { return erase(at, std::next(at)); }
  iterator erase(const_iterator first, const_iterator last) {
    const difference_type begin_of_gap = first - cbegin();
    Entries rest;  // keys are constant, so that entries cannot be moved over others
    rest.reserve(size());
    for (iterator entry = begin(); entry != end(); ++entry) {
      if (entry < first || entry >= last) {
        rest.push_back(std::move(*entry));
      }
    }
    entries_.swap(rest);
    index_.reset();
    index_last();
    return begin() + begin_of_gap;
  }

  friend bool operator==(const OrderedObject& left, const OrderedObject& right) {
    return left.entries_ == right.entries_;
  }
  friend bool operator!=(const OrderedObject& left, const OrderedObject& right) {
    return !(left == right);
  }
  friend bool operator<(const OrderedObject& left, const OrderedObject& right) {
    return left.entries_ < right.entries_;
  }

 private:
  // Nearly all objects have fewer entries, and a search among so few is the fastest.
  static constexpr size_type most_without_index = 16;

  using Index = std::map<Key, size_type, std::less<>>;

  // `size()` if there is no such key.
  template <typename AnyKey>
  size_type position(const AnyKey& key) const {
    if (index_ != nullptr) {
      const auto found = index_->find(key);
      return found == index_->end() ? size() : found->second;
    }
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&key](const value_type& entry) { return entry.first == key; });
    return static_cast<size_type>(found - entries_.begin());
  }

  // To be called when entries were added at the end.
  void index_last() {
    if (size() <= most_without_index) {
      return;
    }
    if (index_ == nullptr) {
      index_ = std::make_unique<Index>();
    }
    for (size_type at = index_->size(); at < size(); ++at) {
      index_->emplace(entries_[at].first, at);
    }
  }

  Entries entries_;
  std::unique_ptr<Index> index_;
};

}  // namespace langfuse_receiver
