// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../PhatAnchor.sol";
import {IPriceFeed} from "./IPriceFeed.sol";

/// @title A price that a Phat Contract pushes when it has moved, or when its heartbeat is over
/// @notice Nobody asks for a price. A schedule makes the Phat Contract look at its sources, and it settles an outcome
/// only where the price is to change here.
/// @dev The output of the Phat Contract is abi.encode(int256 price, uint256 observedAt, uint256 sources). That a price is
/// pushed once is the anchor's doing: the run reads and writes the key "price", whose version it depends on, so of two
/// runs that saw the same price, one settles.
/// What is refused here leaves the price that was there. The Phat Contract's own store has the refused one then, and the
/// next price comes with the heartbeat at the latest; so `ageMax` should not be below the heartbeat.
/// The clocks of all workers have to be right. After a price from the future, none is taken that was observed before that
/// time, which is at most {CLOCK_LEAD_MAX} ahead. A worker whose clock is further ahead has its prices refused, and one
/// whose clock is behind those that are not newer than the last.
contract PriceFeed is PhatAnchor, IPriceFeed {
    /// @dev One slot.
    struct Round {
        uint128 price;
        uint64 observedAt;
        uint64 sources;
    }

    /// @notice Why a price was not taken: the run failed; the output has another form; the price is zero, negative or
    /// too large; it was observed too long ago; in the future; not after the price that is here.
    enum Refusal {
        RunFailed,
        Malformed,
        OutOfRange,
        TooOld,
        FromFuture,
        NotNewer
    }

    /// @notice How far a worker's clock may be ahead of the chain's, in seconds.
    uint256 public constant CLOCK_LEAD_MAX = 60;

    /// @dev Three words: price, time, sources.
    uint256 private constant OUTPUT_BYTES = 96;

    /// @inheritdoc IPriceFeed
    uint8 public immutable decimals;
    /// @notice How old a price may be when it is pushed, and when {price} gives it, in seconds.
    uint256 public immutable ageMax;
    /// @inheritdoc IPriceFeed
    string public description;

    uint80 private _latest;
    mapping(uint80 => Round) private _rounds;

    /// @notice A new price.
    /// @param price The price.
    /// @param roundId Its round; each is one above the round before.
    /// @param observedAt When the sources were asked, in seconds since 1970.
    /// @param sources How many sources it is the median of.
    event PriceUpdated(int256 indexed price, uint80 indexed roundId, uint256 observedAt, uint256 sources);

    /// @notice An outcome that brought no price.
    /// @param firing What made the Phat Contract run.
    /// @param reason Why its price was not taken.
    event PriceRefused(bytes32 indexed firing, Refusal reason);

    /// @notice There is no such round, or none at all yet.
    error NoRound(uint80 roundId);
    /// @notice The newest price is too old to be used. Wait for the next one, or find out why it does not come.
    error StalePrice(uint256 observedAt, uint256 ageMax);
    /// @notice Prices cannot be used at all with an age of 0.
    error ZeroAge();

    /// @param initialOwner The account that may set attestors.
    /// @param initialAttestors The keys whose outcomes are accepted from the start, each by itself; may be empty.
    /// @param decimals_ How many digits of a price stand behind the point, as the Phat Contract's settings have it.
    /// @param description_ What is priced, and in what.
    /// @param ageMax_ How old a price may be, in seconds: the heartbeat of the Phat Contract and the time that a
    /// settlement takes.
    constructor(
        address initialOwner,
        address[] memory initialAttestors,
        uint8 decimals_,
        string memory description_,
        uint256 ageMax_
    ) PhatAnchor(initialOwner, initialAttestors, 1) {
        if (ageMax_ == 0) revert ZeroAge();
        (decimals, ageMax, description) = (decimals_, ageMax_, description_);
    }

    /// @notice The newest price. Reverts where there is none, and where it is too old.
    function price() external view returns (int256) {
        Round memory round = _round(_latest);
        if (_ageOf(round.observedAt) > ageMax) revert StalePrice(round.observedAt, ageMax);
        return int256(uint256(round.price));
    }

    /// @notice Whether {price} reverts.
    function isStale() external view returns (bool) {
        return _latest == 0 || _ageOf(_rounds[_latest].observedAt) > ageMax;
    }

    /// @notice How many sources a round's price is the median of.
    function sourcesOf(uint80 roundId) external view returns (uint256) {
        return _round(roundId).sources;
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return getRoundData(_latest);
    }

    /// @inheritdoc IPriceFeed
    function version() external pure returns (uint256) {
        return 1;
    }

    /// @inheritdoc IPriceFeed
    function getRoundData(uint80 roundId)
        public
        view
        returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory round = _round(roundId);
        return (roundId, int256(uint256(round.price)), round.observedAt, round.observedAt, roundId);
    }

    /// @inheritdoc PhatAnchor
    /// @dev Refuses without reverting, so that the reason is in an event.
    function _onPush(bytes32 firing, bool success, bytes calldata output) internal override {
        if (!success) return _refuse(firing, Refusal.RunFailed);
        if (output.length != OUTPUT_BYTES) return _refuse(firing, Refusal.Malformed);
        (uint256 price_, uint256 observedAt, uint256 sources) = abi.decode(output, (uint256, uint256, uint256));
        // A negative number is above every int128 when it is read as one without a sign.
        if (price_ == 0 || price_ > uint128(type(int128).max)) return _refuse(firing, Refusal.OutOfRange);
        if (observedAt > block.timestamp + CLOCK_LEAD_MAX) return _refuse(firing, Refusal.FromFuture);
        if (_ageOf(observedAt) > ageMax) return _refuse(firing, Refusal.TooOld);
        if (observedAt <= _rounds[_latest].observedAt) return _refuse(firing, Refusal.NotNewer);
        if (sources > type(uint64).max) return _refuse(firing, Refusal.Malformed);
        uint80 roundId = ++_latest;
        // The bounds were checked above.
        _rounds[roundId] = Round(uint128(price_), uint64(observedAt), uint64(sources));
        emit PriceUpdated(int256(price_), roundId, observedAt, sources);
    }

    /// @inheritdoc PhatAnchor
    /// @dev Nothing here asks.
    function _onOutcome(uint256, bool, bytes calldata) internal override {}

    function _refuse(bytes32 firing, Refusal reason) private {
        emit PriceRefused(firing, reason);
    }

    function _round(uint80 roundId) private view returns (Round memory round) {
        if (roundId == 0 || roundId > _latest) revert NoRound(roundId);
        return _rounds[roundId];
    }

    /// @dev How many seconds ago that was; 0 where the clock of the worker is ahead.
    function _ageOf(uint256 observedAt) private view returns (uint256) {
        return observedAt >= block.timestamp ? 0 : block.timestamp - observedAt;
    }
}
