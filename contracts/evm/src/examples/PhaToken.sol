// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {PhatAnchor} from "../PhatAnchor.sol";

/// @title PHA that is locked on the Phat chain, as an ERC-20
/// @notice Each lock there is minted here once, and each burn here is released there once. The Phat Contract
/// `examples/pha-bridge` carries word of both, and is the attestor of this contract's anchor: nothing is minted but by
/// outcomes that it has signed. docs/bridge.md says whom that trusts, and what is bounded.
/// @dev An amount is the same number on both sides: the token has the 12 decimals of PHA, so nothing is ever rounded.
/// There is no permit: the EIP-712 domain of this contract is that of the anchor, and wallets would show its name.
contract PhaToken is PhatAnchor, ERC20Capped {
    using BitMaps for BitMaps.BitMap;

    /// @dev When a burn was announced last, how often before, and the beginning of a hash over what it was.
    struct Burn {
        uint40 announcedAt;
        uint8 repeats;
        bytes26 commitment;
    }

    /// @dev What was minted on the latest day that something was.
    struct Today {
        uint64 day;
        uint192 minted;
    }

    /// @notice The most tokens there may ever be, in the smallest unit: as many as there may be PHA.
    uint256 public constant SUPPLY_MAX = 1_000_000_000 * 10 ** uint256(DECIMALS);
    /// @notice How long it is until a burn may be announced again for the first time, in seconds. It is twice as long after
    /// each time: the Phat chain keeps something of every announcement for good, whether the burn was released or not.
    uint256 public constant ANNOUNCE_INTERVAL = 1 hours;

    uint8 private constant DECIMALS = 12;
    /// @dev Three words: the number of a lock, the recipient and the amount.
    uint256 private constant MINT_BYTES = 96;
    /// @dev The interval is doubled no more after so many times: it is 341 days then.
    uint8 private constant DOUBLINGS_MAX = 13;

    /// @notice The least that is burned at once, in the smallest unit.
    uint256 public immutable burnMin;
    /// @notice The most that is minted in a day, in the smallest unit.
    uint256 public dailyMax;
    /// @notice The number of the latest burn; 0 when there was none.
    uint256 public burnCount;

    Today private _today;
    BitMaps.BitMap private _minted;
    mapping(uint256 => Burn) private _burns;

    /// @notice A lock is minted. It comes again when the lock is announced again, and nothing is minted then; {Transfer}
    /// tells how much came to whom.
    /// @param number The number that the lock has on the Phat chain.
    event Minted(uint256 indexed number);

    /// @notice Tokens are burned, and as much PHA is to be released on the Phat chain. It comes again for the same burn
    /// when somebody has it announced again.
    /// @param number The number of the burn, from 1 on.
    /// @param recipient The account that is paid on the Phat chain.
    /// @param amount How much, in the smallest unit.
    event Burned(uint256 indexed number, bytes32 recipient, uint256 amount);

    /// @notice Another amount may be minted in a day.
    event DailyMaxSet(uint256 dailyMax);

    /// @notice The run of the Phat Contract has failed. Have the lock announced again on the Phat chain; no retry mends it.
    error RunFailed();
    /// @notice The outcome is no mint: it has another length.
    error MintMalformed(uint256 length);
    /// @notice With this lock, more would be minted today than may. Bring it again with {retryPush} on another day.
    error DailyMaxReached(uint256 minted, uint256 amount, uint256 max);
    /// @notice The amount is below the least that is burned at once. Burn more.
    error BurnTooSmall(uint256 amount, uint256 min);
    /// @notice The account of zeros has no owner. Name the account that is to be paid.
    error RecipientMissing();
    /// @notice There was no such burn with this recipient and this amount.
    error BurnUnknown(uint256 number);
    /// @notice The burn was announced a short while ago. Wait for its release first.
    error AnnouncedRecently(uint256 retryAt);

    /// @param initialOwner The account that may set attestors and the daily maximum.
    /// @param initialAttestors The keys whose outcomes are accepted from the start; may be empty.
    /// @param initialThreshold How many of them have to sign; at least 1.
    /// @param burnMin_ The least that is burned at once, in the smallest unit. What is less may make no account on the
    /// Phat chain, and costs its bridge more than it is worth.
    /// @param initialDailyMax The most that is minted in a day, in the smallest unit.
    constructor(
        address initialOwner,
        address[] memory initialAttestors,
        uint256 initialThreshold,
        uint256 burnMin_,
        uint256 initialDailyMax
    ) PhatAnchor(initialOwner, initialAttestors, initialThreshold) ERC20("Phala", "PHA") ERC20Capped(SUPPLY_MAX) {
        burnMin = burnMin_;
        _setDailyMax(initialDailyMax);
    }

    /// @notice Burns tokens of the caller, for as much PHA on the Phat chain.
    /// @param amount How much, in the smallest unit; at least {burnMin}.
    /// @param recipient The account that is paid on the Phat chain: its public key, which an SS58 address encodes.
    /// @return number The number of the burn.
    function burn(uint256 amount, bytes32 recipient) external returns (uint256 number) {
        if (amount < burnMin || amount == 0) revert BurnTooSmall(amount, burnMin);
        if (recipient == bytes32(0)) revert RecipientMissing();
        _burn(msg.sender, amount);
        number = ++burnCount;
        _announce(number, 0, recipient, amount);
    }

    /// @notice Has the Phat Contract run again for a burn that was not released, as when its run has failed. A burn that
    /// was released is not released again. Anyone may do so.
    /// @param number The number of the burn.
    /// @param recipient The account, as {Burned} told it.
    /// @param amount How much, as {Burned} told it.
    function announceBurn(uint256 number, bytes32 recipient, uint256 amount) external {
        Burn memory burned = _burns[number];
        if (burned.announcedAt == 0 || burned.commitment != _commitmentOf(recipient, amount)) {
            revert BurnUnknown(number);
        }
        uint256 retryAt = burned.announcedAt + (ANNOUNCE_INTERVAL << burned.repeats);
        if (block.timestamp < retryAt) revert AnnouncedRecently(retryAt);
        uint8 repeats = burned.repeats < DOUBLINGS_MAX ? burned.repeats + 1 : DOUBLINGS_MAX;
        _announce(number, repeats, recipient, amount);
    }

    /// @notice Sets the most that is minted in a day. With 0, nothing is.
    function setDailyMax(uint256 max) external onlyOwner {
        _setDailyMax(max);
    }

    /// @notice Whether a lock is minted.
    /// @param number The number that it has on the Phat chain.
    function isMinted(uint256 number) external view returns (bool) {
        return _minted.get(number);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return DECIMALS;
    }

    /// @inheritdoc PhatAnchor
    /// @dev The bridge asks nothing.
    function _onOutcome(uint256, bool, bytes calldata) internal override {}

    /// @inheritdoc PhatAnchor
    /// @dev What reverts in here is minted by {retryPush}, or when the lock is announced again on the Phat chain, where it
    /// stays pending until {Minted} is told. Both together mint it once.
    function _onPush(bytes32, bool success, bytes calldata output) internal override {
        if (!success) revert RunFailed();
        if (output.length != MINT_BYTES) revert MintMalformed(output.length);
        (uint256 number, address recipient, uint256 amount) = abi.decode(output, (uint256, address, uint256));
        if (!_minted.get(number)) {
            _minted.set(number);
            _countMinted(amount);
            _mint(recipient, amount);
        }
        emit Minted(number);
    }

    function _countMinted(uint256 amount) private {
        Today memory today = _today;
        uint64 day = uint64(block.timestamp / 1 days);
        uint256 minted = today.day == day ? today.minted : 0;
        if (minted > dailyMax || amount > dailyMax - minted) revert DailyMaxReached(minted, amount, dailyMax);
        // Not above the daily maximum, which has no more bits.
        _today = Today(day, uint192(minted + amount));
    }

    function _setDailyMax(uint256 max) private {
        // More than there may be is not minted anyhow.
        dailyMax = max < SUPPLY_MAX ? max : SUPPLY_MAX;
        emit DailyMaxSet(dailyMax);
    }

    function _announce(uint256 number, uint8 repeats, bytes32 recipient, uint256 amount) private {
        _burns[number] = Burn(uint40(block.timestamp), repeats, _commitmentOf(recipient, amount));
        emit Burned(number, recipient, amount);
    }

    function _commitmentOf(bytes32 recipient, uint256 amount) private pure returns (bytes26) {
        return bytes26(keccak256(abi.encode(recipient, amount)));
    }
}
